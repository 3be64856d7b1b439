// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._BackupSet;
using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Entry;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._NewFolders;
using ansible_collections.comindware.platform.plugins.module_utils._Operation;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Protected;
using ansible_collections.comindware.platform.plugins.module_utils._TreeRestore;
using ansible_collections.comindware.platform.plugins.module_utils._Trees;
using ansible_collections.comindware.platform.plugins.module_utils._WaitOperations;
using System;
using System.Collections.Generic;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._SetOperations
{
    /// <summary>`verify_set`: reads items of a set and compares them with its manifest, before anything is stopped for
    /// their sake.</summary>
    public class VerifySet : Operation
    {
        private readonly BackupSet set;
        private readonly List<string> ids;

        public VerifySet(Map fields)
        {
            set = new BackupSet(RootedPath(fields, "backup"));
            ids = fields.Texts("items");
            if (ids.Count == 0)
                throw Failure.BadRequest("verify_set needs the ids of the items to verify.");
        }

        public override Map Inverse(OperationContext context, int index)
        {
            return new Map();
        }

        public override void Act(OperationContext context, Map inverse)
        {
            string hash = set.ManifestHash;
            List<Map> items = ids.Select(id => set.FindItem(id, hash)).ToList();
            long total = items.Sum(item => TreeRestore.Total(item) / 2);
            long done = 0;
            foreach (Map item in items)
                set.VerifyItem(item, bytes => context.Progress(done += bytes, total));
        }

        public override void Verify()
        {
        }

        public override void Undo(OperationContext context, Map inverse)
        {
        }
    }

    /// <summary>`extract`: lays a tree of a set out at another place, or the whole set, where nothing is yet.</summary>
    public class Extract : Operation
    {
        private readonly string path;
        private readonly string id;
        private readonly BackupSet set;
        private readonly WaitReleased released;
        private List<Map> items;

        public Extract(Map fields)
        {
            path = RootedPath(fields, "path");
            set = new BackupSet(RootedPath(fields, "backup"));
            id = fields.Text("item", null);
            released = new WaitReleased(new Map { { "paths", new List<object> { path } },
                { "timeout_seconds", fields.Number("timeout_seconds", 120) } });
            if (Paths.IsWithin(path, set.Folder) || Paths.IsWithin(set.Folder, path))
                throw Failure.BadRequest("extract cannot lay the backup set '" + set.Folder + "' out in '" + path
                    + "': one lies in the other.");
        }

        public override Map Inverse(OperationContext context, int index)
        {
            Disk.RefuseLinks(path);
            Entry there = Disk.Find(path);
            if (there != null && !there.IsDirectory)
                throw new Failure("not_a_folder", "'" + path + "' is a " + there.Kind.Replace('_', ' ')
                    + ", and a folder is wanted there. Move it away, or correct the path.", new Map { { "path", path } });
            if (there != null && Disk.List(path).Count > 0)
                throw new Failure("not_empty", "The folder '" + path + "' is not empty, and nothing is mixed with what "
                    + "lies there. Empty it, or name another folder.", new Map { { "path", path } });
            string hash = set.ManifestHash;
            items = id == null ? set.ReadManifest(hash).Maps("items") : new List<Map> { set.FindItem(id, hash) };
            if (id != null && (items[0].Text("kind") != "tree" || !BackupSet.IsWhole(items[0])))
                throw Failure.BadRequest("The item '" + id + "' of '" + set.Folder + "' is not a whole tree.");
            // FindItem refuses a set that proves nothing.
            set.FindItem(items[0].Text("id"), hash);
            return new Map { { "folders", NewFolders.Missing(path) },
                { "sddl", there == null ? null : Disk.ReadSecurity(path) } };
        }

        public override void Act(OperationContext context, Map inverse)
        {
            long total = items.Sum(item => TreeRestore.Total(item));
            long done = 0;
            Action<long> progress = bytes => context.Progress(done += bytes, total);
            foreach (string folder in inverse.Texts("folders"))
            {
                // The whole set holds what its trees alone would not show; one tree has an access list of its own.
                if (id == null && Paths.Same(folder, path))
                    Protected.Create(folder);
                else
                    Disk.CreateDirectory(folder);
            }
            foreach (Map item in items.Where(item => item.Flag("present", false)))
                LayOut(item, progress);
        }

        private void LayOut(Map item, Action<long> progress)
        {
            string name = item.Text("id");
            if (item.Text("kind") == "tree")
            {
                string to = id == null ? Paths.Combine(path, name) : path;
                TreeRestore restore = new TreeRestore(set, item, to, progress);
                restore.Prove();
                restore.Run();
                return;
            }
            set.VerifyItem(item, progress);
            string from = item.Text("kind") == "file" ? set.FilesOf(name) : set.Folder;
            string folder = item.Text("kind") == "file" ? Paths.Combine(path, name) : path;
            Disk.CreateDirectory(folder);
            foreach (Map entry in item.Maps("entries"))
                Disk.WriteCopy(Paths.Combine(folder, entry.Text("path")), Paths.Combine(from, entry.Text("path")),
                    delegate { });
        }

        /// <summary>TreeRestore has read every file back.</summary>
        public override void Verify()
        {
            Entry there = Disk.Find(path);
            if (there == null || !there.IsDirectory)
                throw NotAsWritten("The folder '" + path + "'");
        }

        /// <summary>Nothing was there before: all of it goes, together with what a program has added since.</summary>
        public override void Undo(OperationContext context, Map inverse)
        {
            if (Disk.Find(path) == null)
                return;
            released.Act(context, null);
            released.Verify();
            foreach (Entry entry in Disk.Walk(path).Reverse())
                Trees.RemoveEntry(entry);
            string sddl = inverse.Text("sddl", null);
            if (sddl != null && Disk.ReadSecurity(path) != sddl)
                Disk.WriteSecurity(path, sddl);
            NewFolders.Remove(inverse);
        }
    }
}
