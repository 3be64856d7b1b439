// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._BackupSet;
using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Entry;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Hashes;
using ansible_collections.comindware.platform.plugins.module_utils._HostQueries;
using ansible_collections.comindware.platform.plugins.module_utils._Iis;
using ansible_collections.comindware.platform.plugins.module_utils._Json;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Text;
using ansible_collections.comindware.platform.plugins.module_utils._Times;
using System;
using System.Collections.Generic;
using System.Linq;
using System.Xml;

namespace ansible_collections.comindware.platform.plugins.module_utils._BackupItems
{
    /// <summary>Reads what a backup set is to hold, and puts it there.</summary>
    public class BackupItems
    {
        private readonly BackupSet set;
        private readonly Action<long> progress;

        public BackupItems(BackupSet set, Action<long> progress)
        {
            this.set = set;
            this.progress = progress;
        }

        /// <summary>Refuses a wrong item; answers its path expanded, or null if it has none.</summary>
        public static string Check(Map item)
        {
            if (item.Text("id").Any(c => !Char.IsLetterOrDigit(c) && c != '.' && c != '_' && c != '-'))
                throw Failure.BadRequest("The id '" + item.Text("id") + "' of a backup item may hold letters, digits, "
                    + "'.', '_' and '-' only.");
            switch (item.Text("kind"))
            {
                case "tree":
                case "file":
                    string path = Paths.Normalise(Paths.Expand(item.Text("path")));
                    if (!Paths.IsRooted(path))
                        throw Failure.BadRequest("A backup item needs an absolute path, not '" + path + "'.");
                    return path;
                case "registry":
                    item.Text("key");
                    return null;
                case "environment":
                case "iis":
                    return null;
                default:
                    throw Failure.BadRequest("Unknown kind of backup item: '" + item.Text("kind") + "'.");
            }
        }

        /// <summary>What an item will copy, in the words of the manifest: `path`, `kind`, `size`.</summary>
        public static List<Map> Listed(Map item)
        {
            string path = Check(item);
            Entry root = path == null ? null : Disk.Find(path);
            if (root == null)
                return new List<Map>();
            IEnumerable<Entry> entries = root.IsDirectory ? Chosen(item, path) : new Entry[] { root };
            return entries.Select(entry => new Map { { "path", Relative(entry, root) }, { "kind", entry.Kind },
                { "size", entry.Size } }).ToList();
        }

        private static string Relative(Entry entry, Entry root)
        {
            return entry == root ? root.Name : entry.Path.Substring(root.Path.TrimEnd('\\').Length + 1);
        }

        private static IEnumerable<Entry> Chosen(Map item, string path)
        {
            List<string> names = item.Texts("names");
            IEnumerable<Entry> all = item.Flag("recurse", true) ? Disk.Walk(path) : Disk.List(path);
            return all.Where(entry => entry.IsDirectory ? names.Count == 0 : Paths.MatchesAny(entry.Name, names));
        }

        /// <summary>Copies an item into the set; the answer is its part of the manifest.</summary>
        public Map Add(Map item)
        {
            string path = Check(item);
            Map entry = new Map { { "id", item.Text("id") }, { "kind", item.Text("kind") }, { "path", path } };
            if (path != null)
                AddFiles(item, path, entry);
            else
                AddAnswer(item, entry);
            if (!entry.Flag("present", false) && item.Flag("required", false))
                throw new Failure("missing", "The backup needs '" + (path ?? item.Text("id"))
                    + "', but it is not on this host.", new Map { { "item", item.Text("id") } });
            return entry;
        }

        private void AddFiles(Map item, string path, Map entry)
        {
            Entry root = Disk.Find(path);
            entry["present"] = root != null;
            List<object> entries = new List<object>();
            entry["entries"] = entries;
            if (root == null)
                return;
            if (item.Text("kind") == "tree" ? !root.IsDirectory : root.IsDirectory)
                throw new Failure("bad_request", "'" + path + "' is a " + root.Kind.Replace('_', ' ')
                    + ", which is not what the backup item '" + item.Text("id") + "' expects.");
            string folder = set.FilesOf(item.Text("id"));
            Disk.CreateDirectory(folder);
            if (!root.IsDirectory)
            {
                entries.Add(AddEntry(root, root.Name, folder));
                return;
            }
            entry["root"] = Describe(root, ".");
            entry["whole"] = item.Texts("names").Count == 0 && item.Flag("recurse", true);
            foreach (Entry child in Chosen(item, path))
                entries.Add(AddEntry(child, Relative(child, root), folder));
        }

        private Map AddEntry(Entry entry, string relative, string folder)
        {
            Map described = Describe(entry, relative);
            string copy = Paths.Combine(folder, relative);
            if (entry.IsDirectory)
                Disk.CreateDirectory(copy);
            if (!entry.IsFile)
                return described;
            Disk.CreateDirectory(Paths.Parent(copy));
            described["sha256"] = Disk.Copy(entry.Path, copy, progress);
            // Not the size that was listed: a file can grow while it is read.
            described["size"] = Disk.Find(copy).Size;
            return described;
        }

        private static Map Describe(Entry entry, string relative)
        {
            Map described = new Map
            {
                { "path", relative },
                { "kind", entry.Kind },
                { "size", entry.Size },
                { "modified", Times.Text(entry.Modified) },
                { "attributes", (long)entry.Attributes },
                { "sddl", entry.Link == null ? Disk.ReadSecurity(entry.Path) : null },
            };
            if (entry.Link != null)
                described["target"] = entry.Link.Target;
            return described;
        }

        /// <summary>What is not a file is kept as the answer of a query, in a JSON file of its own.</summary>
        private void AddAnswer(Map item, Map entry)
        {
            Map answer = Answer(item);
            entry["present"] = answer != null;
            entry["entries"] = new List<object>();
            if (answer == null)
                return;
            byte[] bytes = Text.Utf8.GetBytes(Json.Write(answer));
            string name = item.Text("id") + ".json";
            Disk.Write(Paths.Combine(set.Folder, name), bytes);
            entry["entries"] = new List<object> { new Map { { "path", name }, { "kind", "file" },
                { "size", (long)bytes.Length }, { "sha256", Hashes.Of(bytes) } } };
        }

        private static Map Answer(Map item)
        {
            switch (item.Text("kind"))
            {
                case "registry":
                    Map views = HostQueries.Registry(new Map { { "hive", item.Text("hive", "HKLM") },
                        { "key", item.Text("key") }, { "views", item.Items("views") } });
                    bool any = views.Child("views").Values.OfType<Map>().Any(view => view.Flag("exists", false));
                    return any ? views : null;
                case "environment":
                    return HostQueries.EnvironmentVariables(new Map { { "machine", item.Items("names") } });
                default:
                    return new Map
                    {
                        { "sites", Raw(item.Texts("sites"), "site", Iis.RawSite) },
                        { "pools", Raw(item.Texts("pools"), "application pool", Iis.RawPool) },
                    };
            }
        }

        /// <summary>Name to XML as appcmd prints it, passwords left out.</summary>
        private static Map Raw(List<string> names, string what, Func<string, XmlElement> read)
        {
            Map found = new Map();
            foreach (string name in names)
            {
                XmlElement element = read(name);
                if (element == null)
                    throw Failure.BadRequest("IIS has no " + what + " '" + name + "' to back up.");
                foreach (XmlNode password in element.SelectNodes("//@password"))
                    password.Value = "";
                found[name] = element.OuterXml;
            }
            return found;
        }
    }
}
