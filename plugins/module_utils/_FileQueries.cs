// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Entry;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._FullDisk;
using ansible_collections.comindware.platform.plugins.module_utils._Hashes;
using ansible_collections.comindware.platform.plugins.module_utils._Holding;
using ansible_collections.comindware.platform.plugins.module_utils._LogLines;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._PathSources;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using ansible_collections.comindware.platform.plugins.module_utils._Secrets;
using ansible_collections.comindware.platform.plugins.module_utils._Text;
using ansible_collections.comindware.platform.plugins.module_utils._Times;
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;

namespace ansible_collections.comindware.platform.plugins.module_utils._FileQueries
{
    /// <summary>The queries about files and folders: each takes a path and answers one item.</summary>
    public static class FileQueries
    {
        private const long OneMegabyte = 1024 * 1024;

        public static Map List(Map query, SourcePath source)
        {
            Entry entry = Disk.Find(source.Path);
            Map item = Exists(source, entry);
            if (entry == null)
                return item;
            item["kind"] = entry.Kind;
            AddTarget(item, entry);
            List<object> entries = new List<object>();
            if (IsEntered(source, entry))
            {
                List<string> names = query.Texts("names");
                bool hash = query.Flag("hash", false);
                IEnumerable<Entry> below = query.Flag("recurse", false) ? Disk.Walk(entry.Path) : Disk.List(entry.Path);
                entries.AddRange(below.Where(child => Paths.MatchesAny(child.Name, names))
                    .Select(child => Failure.UnlessGone(() => Describe(child, entry.Path, hash)))
                    .Where(child => child != null));
            }
            item["entries"] = entries;
            return item;
        }

        /// <summary>A link that is named literally is the only one that is entered.</summary>
        private static bool IsEntered(SourcePath source, Entry entry)
        {
            if (entry.IsDirectory)
                return true;
            if (!source.Literal || entry.Link == null || entry.Kind == LinkKind.SymlinkFile)
                return false;
            Entry target = TargetOf(entry);
            return target != null && target.IsDirectory;
        }

        private static Map Describe(Entry entry, string below, bool hash)
        {
            Map item = new Map
            {
                { "path", entry.Path.Substring(below.TrimEnd('\\').Length + 1) },
                { "name", entry.Name },
                { "kind", entry.Kind },
                { "size", entry.Size },
                { "modified", Times.Text(entry.Modified) },
                { "attributes", Attributes(entry.Attributes) },
            };
            AddTarget(item, entry);
            if (hash && entry.IsFile)
                item["sha256"] = Disk.Hash(entry.Path);
            return item;
        }

        private static void AddTarget(Map item, Entry entry)
        {
            if (entry.Link == null)
                return;
            item["target"] = entry.Link.Target;
            item["target_exists"] = TargetOf(entry) != null;
        }

        /// <summary>What a link leads to, or null: a link to a server out of reach is a broken one.</summary>
        private static Entry TargetOf(Entry entry)
        {
            try
            {
                return entry.Link.Target == null ? null : Disk.Find(entry.Link.Target);
            }
            catch (Failure failure)
            {
                if (!failure.IsNowhere)
                    throw;
                return null;
            }
        }

        /// <summary>The names of the attributes that say something: not `normal`, `directory` and `reparsepoint`.
        /// </summary>
        public static List<object> Attributes(FileAttributes attributes)
        {
            attributes &= ~(FileAttributes.Normal | FileAttributes.Directory | FileAttributes.ReparsePoint);
            if (attributes == 0)
                return new List<object>();
            return attributes.ToString().ToLowerInvariant().Split(',').Select(name => (object)name.Trim()).ToList();
        }

        public static Map Read(Map query, SourcePath source)
        {
            Entry entry = Disk.Find(source.Path);
            Map item = Exists(source, entry);
            if (entry == null)
                return item;
            if (!IsReadable(entry))
                throw new Failure("not_a_file", "'" + source.Path + "' is a folder: its text cannot be read.");
            string since = query.Text("modified_since", null);
            if (since != null && entry.Modified < Times.Parse(since))
                return null;
            long size = entry.IsFile ? entry.Size : Disk.Find(entry.Link.Target).Size;
            item["size"] = size;
            item["modified"] = Times.Text(entry.Modified);
            if (query.Get("lines") != null)
                AddLines(item, query, size, source.Path);
            else
                AddPart(item, query, size, source.Path);
            return item;
        }

        private static void AddPart(Map item, Map query, long size, string path)
        {
            long tail = query.Number("tail_bytes", 0);
            long maximum = tail > 0 ? tail : query.Number("maximum_bytes", OneMegabyte);
            byte[] bytes = Disk.ReadPart(path, tail > 0 ? Math.Max(0, size - tail) : 0, maximum);
            item["sha256"] = tail > 0 ? null : bytes.Length == size ? Hashes.Of(bytes) : Disk.Hash(path);
            bool cut = bytes.Length < size;
            item["truncated"] = cut;
            AddText(item, bytes, cut, tail != 0, path, query);
        }

        private static void AddLines(Map item, Map query, long size, string path)
        {
            long start = Math.Max(0, size - query.Number("maximum_bytes", 64 * OneMegabyte));
            string encoding = Text.Detect(Disk.ReadPart(path, 0, 2));
            LogLines lines = new LogLines(query.Child("lines"));
            string text = lines.Read(path, start + start % 2, size, encoding);
            item["sha256"] = null;
            item["encoding"] = encoding;
            item["truncated"] = start > 0 || lines.Cut;
            item["text"] = Hidden(text, path, query);
        }

        /// <summary>The text without secrets. `vendor`: by path, in small letters, which files of the vendor's it came from;
        /// `values`: what stands for the placeholders in those.</summary>
        private static string Hidden(string text, string path, Map query)
        {
            Secrets secrets = new Secrets(query.Child("secrets"));
            Map vendor = query.Child("vendor");
            foreach (string file in vendor == null ? new List<string>() : vendor.Texts(path.ToLowerInvariant()))
            {
                Entry found = Disk.Find(file);
                if (found == null || !found.IsFile)
                    continue;
                byte[] bytes = Disk.ReadPart(file, 0, OneMegabyte);
                string encoding = Text.Detect(bytes);
                if (encoding == Text.Binary)
                    continue;
                string shipped = Text.Decode(bytes, encoding);
                secrets.Vendor(shipped, path);
                foreach (KeyValuePair<string, object> value in query.Child("values") ?? new Map())
                    shipped = shipped.Replace(value.Key, Convert.ToString(value.Value, CultureInfo.InvariantCulture));
                secrets.Vendor(shipped, path);
            }
            return secrets.Hide(text, path);
        }

        private static bool IsReadable(Entry entry)
        {
            if (entry.Kind != LinkKind.SymlinkFile)
                return entry.IsFile;
            Entry target = Disk.Find(entry.Link.Target);
            return target != null && target.IsFile;
        }

        private static void AddText(Map item, byte[] bytes, bool cut, bool tail, string path, Map query)
        {
            if (cut)
                bytes = WholeCharacters(bytes, tail, path);
            string encoding = Text.Detect(bytes);
            item["encoding"] = encoding;
            if (encoding == "ansi")
                item["code_page"] = Text.AnsiCodePage();
            if (encoding == Text.Binary && Text.Declared(bytes) != null)
                item["declared"] = Text.Declared(bytes);
            item["text"] = encoding == Text.Binary ? null
                : Hidden(Text.Decode(bytes, encoding), path, query);
        }

        /// <summary>A part of a file without the pieces of characters at its cut ends.</summary>
        private static byte[] WholeCharacters(byte[] bytes, bool tail, string path)
        {
            byte[] head = Disk.ReadPart(path, 0, 3);
            string encoding = Text.Detect(head.Take(2).ToArray());
            if (encoding.StartsWith("utf-16", StringComparison.Ordinal))
            {
                bytes = bytes.Skip(tail ? bytes.Length % 2 : 0).Take(bytes.Length - bytes.Length % 2).ToArray();
                bool marked = bytes.Length >= 2 && bytes[0] == head[0] && bytes[1] == head[1];
                return marked ? bytes : head.Take(2).Concat(bytes).ToArray();
            }
            int start = 0;
            int end = bytes.Length;
            while (tail && start < Math.Min(3, end) && (bytes[start] & 0xC0) == 0x80)
                start++;
            int last = end - 1;
            while (!tail && last > Math.Max(0, end - 4) && (bytes[last] & 0xC0) == 0x80)
                last--;
            if (!tail && last >= 0 && last + LengthOf(bytes[last]) > end)
                end = last;
            return bytes.Skip(start).Take(end - start).ToArray();
        }

        private static int LengthOf(byte first)
        {
            return first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
        }

        public static Map TreeSize(Map query, SourcePath source)
        {
            Entry entry = Disk.Find(source.Path);
            Map item = Exists(source, entry);
            long bytes = 0, files = 0, directories = 0, links = 0, largest = 0;
            IEnumerable<Entry> below = new Entry[0];
            if (entry != null)
                below = IsEntered(source, entry) ? Disk.Walk(entry.Path) : new Entry[] { entry };
            foreach (Entry child in below)
            {
                bytes += child.Size;
                largest = Math.Max(largest, child.Size);
                files += child.IsFile ? 1 : 0;
                directories += child.IsDirectory ? 1 : 0;
                links += child.Link != null ? 1 : 0;
            }
            item["bytes"] = bytes;
            item["largest_bytes"] = largest;
            item["files"] = files;
            item["directories"] = directories;
            item["links"] = links;
            return item;
        }

        public static Map FreeSpace(Map query, SourcePath source)
        {
            string existing = source.Path;
            while (existing != null && Disk.Find(existing) == null)
                existing = Paths.Parent(existing);
            if (existing == null)
                throw new Failure("win32", "There is no volume '" + Paths.Root(source.Path) + "' on this host.",
                    new Map { { "number", 3 }, { "path", source.Path } });
            Space space = FullDisk.SpaceAt(existing);
            return new Map
            {
                { "path", source.Path },
                { "existing", existing },
                { "volume", space.Volume },
                { "free_bytes", space.FreeBytes },
                { "total_bytes", space.TotalBytes },
            };
        }

        public static Map FileVersion(Map query, SourcePath source)
        {
            Entry entry = Disk.Find(source.Path);
            Map item = Exists(source, entry);
            item["assembly_version"] = null;
            item["file_version"] = null;
            if (entry == null)
                return item;
            string real = Seams.Current.RealPath(Paths.Long(source.Path));
            try
            {
                FileVersionInfo info = FileVersionInfo.GetVersionInfo(real);
                item["file_version"] = String.IsNullOrEmpty(info.FileVersion) ? null : String.Join(".",
                    new int[] { info.FileMajorPart, info.FileMinorPart, info.FileBuildPart, info.FilePrivatePart });
                item["assembly_version"] = AssemblyName.GetAssemblyName(real).Version.ToString();
            }
            catch (BadImageFormatException)
            {
                item["error"] = new Map { { "code", "not_an_assembly" },
                    { "message", "'" + source.Path + "' is not a .NET assembly." } };
            }
            return item;
        }

        public static Map HoldersOf(Map query, SourcePath source)
        {
            List<Holder> holders = Holders(source.Path, query.Texts("names"));
            return new Map
            {
                { "path", source.Path },
                { "processes", holders.GroupBy(holder => holder.Pid)
                    .Select(group => (object)Holding.Describe(group.First())).ToList() },
            };
        }

        /// <summary>Who holds a file at or below the path whose name matches one of the globs.</summary>
        public static List<Holder> Holders(string path, List<string> names)
        {
            Entry entry = Disk.Find(path);
            if (entry == null)
                return new List<Holder>();
            IEnumerable<Entry> below = entry.IsDirectory ? Disk.Walk(path) : new Entry[] { entry };
            return Holding.Of(below
                .Where(child => child.IsFile && Paths.MatchesAny(child.Name, names)).Select(child => child.Path));
        }

        private static Map Exists(SourcePath source, Entry entry)
        {
            return new Map { { "path", source.Path }, { "exists", entry != null } };
        }
    }
}
