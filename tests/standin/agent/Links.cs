// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using System;
using System.IO;

namespace Standin
{
    /// <summary>The kind of a link is in the end of its target: `/name` a file link, `/name/` a directory link,
    /// `/name/./` a junction.</summary>
    public static class LinkText
    {
        public static string KindOf(string target)
        {
            if (target.EndsWith("/./", StringComparison.Ordinal))
                return LinkKind.Junction;
            return target.EndsWith("/", StringComparison.Ordinal) ? LinkKind.SymlinkDirectory : LinkKind.SymlinkFile;
        }

        public static bool IsDirectory(string target)
        {
            return KindOf(target) != LinkKind.SymlinkFile;
        }

        public static string EndOf(string kind)
        {
            return kind == LinkKind.Junction ? "/./" : kind == LinkKind.SymlinkDirectory ? "/" : "";
        }

        public static string WithoutEnd(string target)
        {
            string end = EndOf(KindOf(target));
            return target.Substring(0, target.Length - end.Length);
        }
    }

    /// <summary>Links of the host are symbolic links of this machine.</summary>
    public class Links
    {
        private readonly Drives drives;
        private readonly Settings settings;

        public Links(Drives drives, Settings settings)
        {
            this.drives = drives;
            this.settings = settings;
        }

        /// <summary>The seams of Windows lift the limit of 260 characters themselves where links are concerned.</summary>
        private string Real(string path)
        {
            return drives.RealPath(Paths.Long(path));
        }

        public Link Read(string path)
        {
            string target = Native.ReadLink(Real(path));
            if (target == null)
                return null;
            return new Link
            {
                Kind = LinkText.KindOf(target),
                Target = drives.WindowsPath(LinkText.WithoutEnd(target)),
            };
        }

        public void Create(string path, Link link)
        {
            // 1314 ERROR_PRIVILEGE_NOT_HELD; a junction needs no privilege.
            if (link.Kind != LinkKind.Junction && !settings.Flag("symbolic_links", true))
                throw Failure.Win32(1314, path);
            string real = Real(path);
            if (Native.Exists(real))
                throw Failure.Win32(183, path);
            if (!Directory.Exists(Path.GetDirectoryName(real)))
                throw Failure.Win32(3, path);
            Native.CreateLink(Real(link.Target) + LinkText.EndOf(link.Kind), real);
        }

        public void Remove(string path)
        {
            Native.Unlink(Real(path));
        }

        /// <summary>The path with a link at its end followed.</summary>
        public string Resolve(string path)
        {
            Link link = Read(path);
            return link == null ? Paths.Normalise(path) : Resolve(link.Target);
        }
    }
}
