// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._BackupSet;
using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Entry;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._SavedFile;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using ansible_collections.comindware.platform.plugins.module_utils._Trees;
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._TreeRestore
{
    /// <summary>Makes a folder equal to an item of a backup set. What is equal already is left alone, so that an
    /// interrupted restore can be repeated.</summary>
    public class TreeRestore
    {
        private readonly BackupSet set;
        private readonly Map item;
        private readonly string path;
        private readonly Action<long> progress;

        public TreeRestore(BackupSet set, Map item, string path, Action<long> progress)
        {
            this.set = set;
            this.item = item;
            this.path = path;
            this.progress = progress;
        }

        /// <summary>How far `progress` counts: every byte is proved once and put back once.</summary>
        public static long Total(Map item)
        {
            return 2 * item.Maps("entries").Sum(entry => entry.Number("size", 0));
        }

        /// <summary>The proof that the copy is good, wanted before the first change of the tree.</summary>
        public void Prove()
        {
            foreach (Map entry in item.Maps("entries"))
                Target(entry);
            set.VerifyItem(item, progress);
        }

        public void Run()
        {
            Dictionary<string, Map> wanted = item.Maps("entries")
                .ToDictionary(entry => entry.Text("path"), StringComparer.OrdinalIgnoreCase);
            RemoveOthers(wanted);
            if (!item.Flag("present", false))
                return;
            Disk.CreateDirectory(path);
            foreach (Map entry in item.Maps("entries"))
                Put(entry);
            // Backwards, as a change in a folder changes the time of the folder.
            foreach (Map entry in item.Maps("entries").AsEnumerable().Reverse())
                PutProperties(Target(entry), entry);
            if (item.Child("root") != null)
                PutProperties(path, item.Child("root"));
        }

        /// <summary>Where an entry goes; one that leads out of the tree is refused.</summary>
        private string Target(Map entry)
        {
            string to = Paths.Normalise(Paths.Combine(path, entry.Text("path")));
            if (!Paths.IsWithin(to, path))
                throw new Failure("verification_failed", "The backup set '" + set.Folder + "' cannot be used: its "
                    + "entry '" + entry.Text("path") + "' lies outside '" + path + "'.",
                    new Map { { "set", set.Folder } });
            return to;
        }

        /// <summary>Deletes what the set does not hold, or holds as another kind; children before parents.</summary>
        private void RemoveOthers(Dictionary<string, Map> wanted)
        {
            if (Disk.Find(path) == null)
                return;
            foreach (Entry entry in Disk.Walk(path).Reverse())
            {
                Map same;
                string relative = entry.Path.Substring(path.Length + 1);
                if (!wanted.TryGetValue(relative, out same) || same.Text("kind") != entry.Kind)
                    Trees.RemoveEntry(entry);
            }
            if (!item.Flag("present", false))
                Disk.Delete(path);
        }

        private void Put(Map entry)
        {
            string to = Target(entry);
            switch (entry.Text("kind"))
            {
                case "directory":
                    Disk.CreateDirectory(to);
                    break;
                case "file":
                    PutFile(to, entry);
                    break;
                case LinkKind.Other:
                    break;
                default:
                    PutLink(to, new Link { Kind = entry.Text("kind"), Target = entry.Text("target") });
                    break;
            }
        }

        private void PutFile(string to, Map entry)
        {
            Entry there = Disk.Find(to);
            long size = entry.Number("size", 0);
            string hash = entry.Text("sha256");
            if (there != null && there.Size == size && Disk.Hash(to) == hash)
            {
                progress(size);
                return;
            }
            // A sample has files without the folders above them, and so has a tree that was chosen by names.
            Disk.CreateDirectory(Paths.Parent(to));
            Disk.WriteCopy(to, Paths.Combine(set.FilesOf(item.Text("id")), entry.Text("path")), progress);
            if (Disk.Hash(to) != hash)
                throw new Failure("verification_failed", "'" + to + "' is not as the backup set '" + set.Folder
                    + "' names it: the set or the file was changed while it was put back.",
                    new Map { { "path", to }, { "set", set.Folder } });
        }

        private static void PutLink(string to, Link link)
        {
            Link there = Disk.ReadLink(to);
            if (there != null && Paths.Same(there.Target, link.Target))
                return;
            Disk.RemoveLink(to);
            Disk.CreateLink(to, link);
        }

        private static void PutProperties(string to, Map entry)
        {
            if (entry.Text("sddl", null) == null)
                return;
            if (Disk.ReadSecurity(to) != entry.Text("sddl"))
                Disk.WriteSecurity(to, entry.Text("sddl"));
            if (entry.Text("kind") == "file")
                SavedFile.RestoreProperties(to, (FileAttributes)entry.Number("attributes", 0), entry.Text("modified"));
        }
    }
}
