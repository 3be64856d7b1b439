// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using System;
using System.IO;
using System.Linq;

namespace Standin
{
    /// <summary>Windows paths to paths of this machine and back: drives/c/… with names found without case.</summary>
    public class Drives
    {
        private const string LongPrefix = @"\\?\";
        private readonly string folder;
        private readonly Settings settings;
        private readonly Shares shares;

        public Drives(string host, Settings settings, Shares shares)
        {
            folder = Path.Combine(host, "drives");
            this.settings = settings;
            this.shares = shares;
        }

        /// <summary>The path on this machine; the last name is not followed if it is a link, the others are, each
        /// only if it is a link to a folder.</summary>
        public string RealPath(string path)
        {
            RefuseLong(path);
            path = Paths.Normalise(path);
            if (!Paths.IsRooted(path))
                throw Failure.Win32(53, path);
            string root = Paths.Root(path);
            string real = Shares.IsShare(path) ? shares.Folder(path)
                : Path.Combine(folder, root.Substring(0, 1).ToLowerInvariant());
            string rest = path.Substring(root.Length).Replace('\\', '/');
            if (Native.IsPlain(real, rest))
                return real + "/" + rest;
            int last = rest.LastIndexOf('/');
            string link;
            if (last > 0 && Native.IsPlain(real, rest.Substring(0, last + 1)))
                return Child(real + "/" + rest.Substring(0, last), rest.Substring(last + 1), out link);
            return NameByName(path, real, rest);
        }

        /// <summary>Through links, and names that are written otherwise.</summary>
        private static string NameByName(string path, string real, string rest)
        {
            string link;
            if (!Native.Look(real, out link))
                throw Failure.Win32(3, path);
            foreach (string name in rest.Split(new char[] { '/' }, StringSplitOptions.RemoveEmptyEntries))
            {
                if (link != null && !LinkText.IsDirectory(link))
                    throw Failure.Win32(3, path);
                real = Child(real, name, out link);
            }
            return real;
        }

        private void RefuseLong(string path)
        {
            if (path.Length >= 260 && !path.StartsWith(LongPrefix, StringComparison.Ordinal)
                && !settings.Flag("long_paths", false))
                throw Failure.Win32(206, path);
        }

        private static string Child(string parent, string name, out string link)
        {
            string exact = parent + "/" + name;
            if (Native.Look(exact, out link) || !Directory.Exists(parent))
                return exact;
            string found = Directory.GetFileSystemEntries(parent).FirstOrDefault(entry =>
                String.Equals(Path.GetFileName(entry), name, StringComparison.OrdinalIgnoreCase)) ?? exact;
            Native.Look(found, out link);
            return found;
        }

        /// <summary>The Windows path of a path on this machine.</summary>
        public string WindowsPath(string real)
        {
            if (!real.StartsWith(folder + "/", StringComparison.Ordinal))
                return @"\\outside\the-stand-in\" + real.Trim('/').Replace('/', '\\');
            string[] names = real.Substring(folder.Length + 1).Split(new char[] { '/' },
                StringSplitOptions.RemoveEmptyEntries);
            return names[0].ToUpperInvariant() + @":\" + String.Join(@"\", names.Skip(1));
        }
    }
}
