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
using ansible_collections.comindware.platform.plugins.module_utils._SavedFile;
using ansible_collections.comindware.platform.plugins.module_utils._Times;
using ansible_collections.comindware.platform.plugins.module_utils._TreeRestore;
using ansible_collections.comindware.platform.plugins.module_utils._WaitOperations;
using System.Collections.Generic;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._TreeOperations
{
    /// <summary>What puts an item of a backup set back to where it came from.</summary>
    public abstract class PutBack : Operation
    {
        public readonly string Path;
        public readonly BackupSet Set;
        protected readonly string Id;
        private readonly WaitReleased released;

        protected PutBack(Map fields)
        {
            Path = RootedPath(fields, "path");
            Set = new BackupSet(RootedPath(fields, "backup"));
            Id = fields.Text("item");
            released = new WaitReleased(new Map { { "paths", new List<object> { Path } },
                { "timeout_seconds", fields.Number("timeout_seconds", 120) } });
            if (Paths.IsWithin(Set.Folder, Path))
                throw Failure.BadRequest(fields.Text("op") + " of '" + Path + "' cannot use the backup set '"
                    + Set.Folder + "', which lies in it: it would be deleted by its own restore.");
        }

        /// <summary>The stop before this may have failed, and a program that was stopped lets its files go later: under
        /// a running one every file would be deleted but those that it has locked.</summary>
        protected void WaitUntilReleased(OperationContext context)
        {
            released.Act(context, null);
            released.Verify();
        }

        protected void RestoreTreeFrom(Map item, OperationContext context)
        {
            long total = TreeRestore.Total(item);
            long done = 0;
            TreeRestore restore = new TreeRestore(Set, item, Path, bytes => context.Progress(done += bytes, total));
            restore.Prove();
            WaitUntilReleased(context);
            restore.Run();
        }
    }

    /// <summary>`protect_tree`: does nothing; its undo puts the tree back from a backup set.</summary>
    public class ProtectTree : PutBack
    {
        public ProtectTree(Map fields)
            : base(fields)
        {
        }

        public override Map Inverse(OperationContext context, int index)
        {
            string manifestHash = Set.ManifestHash;
            Set.FindItem(Id, "tree", Path, manifestHash);
            // The journal lies in the agent's own folder, the set where others may own a folder above it.
            return new Map { { "set", Set.Folder }, { "item", Id }, { "manifest_sha256", manifestHash } };
        }

        public override void Act(OperationContext context, Map inverse)
        {
        }

        public override void Verify()
        {
        }

        public override void Undo(OperationContext context, Map inverse)
        {
            RestoreTreeFrom(Set.FindItem(Id, inverse.Text("manifest_sha256")), context);
        }
    }

    /// <summary>`restore_tree`: makes a tree equal to an item of an earlier backup set. A protect_tree before it brings
    /// the present tree back.</summary>
    public class RestoreTree : PutBack
    {
        private Map item;

        public RestoreTree(Map fields)
            : base(fields)
        {
            if (fields.Text("kind", "tree") != "tree")
                throw Failure.BadRequest("restore_tree restores a 'tree' or a 'file', not a '" + fields.Text("kind")
                    + "'.");
        }

        public override void CheckEarlier(ICollection<Operation> earlier)
        {
            if (!earlier.OfType<ProtectTree>().Any(one => Paths.Same(one.Path, Path)
                && !Paths.Same(one.Set.Folder, Set.Folder)))
                throw Failure.BadRequest("restore_tree of '" + Path + "' needs a protect_tree of the same path before "
                    + "it in the plan, from another backup set: nothing else would bring the present tree back.");
        }

        public override Map Inverse(OperationContext context, int index)
        {
            item = Set.FindItem(Id, "tree", Path, Set.ManifestHash);
            return new Map();
        }

        public override void Act(OperationContext context, Map inverse)
        {
            RestoreTreeFrom(item, context);
        }

        /// <summary>TreeRestore has read every file back.</summary>
        public override void Verify()
        {
        }

        public override void Undo(OperationContext context, Map inverse)
        {
        }
    }

    /// <summary>`restore_tree` of one file: its inverse is the saved copy of the present one.</summary>
    public class RestoreFile : PutBack
    {
        private Map item;
        private Map wanted;

        public RestoreFile(Map fields)
            : base(fields)
        {
        }

        public override Map Inverse(OperationContext context, int index)
        {
            Entry old = SavedFile.Replaced(Path);
            item = Set.FindItem(Id, "file", Path, Set.ManifestHash);
            wanted = item.Flag("present", false) ? Wanted(item.Maps("entries").Single()) : null;
            return IsAsWanted(old) ? null : SavedFile.Inverse(context, index, Path, old);
        }

        /// <summary>The file of the set in the words of a saved copy.</summary>
        private Map Wanted(Map entry)
        {
            Map saved = new Map(entry);
            saved["path"] = Path;
            saved["saved"] = Paths.Combine(Set.FilesOf(Id), entry.Text("path"));
            return saved;
        }

        private bool HasContent(Entry there)
        {
            if (there == null || wanted == null)
                return there == null && wanted == null;
            return there.IsFile && Disk.Hash(Path) == wanted.Text("sha256");
        }

        private bool IsAsWanted(Entry there)
        {
            if (!HasContent(there) || there == null)
                return HasContent(there);
            return (long)there.Attributes == wanted.Number("attributes", 0)
                && Times.Text(there.Modified) == wanted.Text("modified")
                && Disk.ReadSecurity(Path) == wanted.Text("sddl");
        }

        public override void Act(OperationContext context, Map inverse)
        {
            Set.VerifyItem(item, delegate { });
            WaitUntilReleased(context);
            if (wanted == null)
            {
                Disk.Delete(Path);
                return;
            }
            NewFolders.Create(inverse);
            SavedFile.Restore(wanted);
        }

        /// <summary>Only the content: Windows may word the access list anew, as folders above have changed.</summary>
        public override void Verify()
        {
            if (!HasContent(Disk.Find(Path)))
                throw NotAsWritten("The file '" + Path + "'");
        }

        public override void Undo(OperationContext context, Map inverse)
        {
            SavedFile.Undo(Path, inverse);
        }
    }
}
