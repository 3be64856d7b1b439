// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._BackupItems;
using ansible_collections.comindware.platform.plugins.module_utils._BackupSet;
using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Operation;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Protected;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using ansible_collections.comindware.platform.plugins.module_utils._Times;
using System;
using System.Collections.Generic;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._BackupOperations
{
    /// <summary>`backup_set`: written, flushed, read back.</summary>
    public class WriteBackupSet : Operation
    {
        private readonly string directory;
        private readonly string name;
        private readonly List<Map> items;
        private readonly Map about;
        private readonly BackupSet set;

        public WriteBackupSet(Map fields)
        {
            directory = RootedPath(fields, "directory");
            name = fields.Text("name");
            items = fields.Maps("items");
            about = fields.Child("about");
            foreach (Map item in items)
                BackupItems.Check(item);
            if (name.IndexOfAny("\\/:*?\"<>|".ToCharArray()) >= 0 || name.Trim('.', ' ').Length == 0)
                throw Failure.BadRequest("'" + name + "' cannot be the name of a folder.");
            set = new BackupSet(Paths.Combine(directory, name));
        }

        public override Map Inverse(OperationContext context, int index)
        {
            if (Disk.Find(set.Folder) != null)
                throw new Failure("exists", "There is a backup set '" + set.Folder
                    + "' already, and a set is never written over. Choose another name.",
                    new Map { { "set", set.Folder } });
            return new Map { { "set", set.Folder } };
        }

        public override void Act(OperationContext context, Map inverse)
        {
            long size = items.Sum(item => BackupItems.SizeOf(item));
            RefuseWithoutSpace(size);
            Protected.Ensure(set.Folder);
            long done = 0;
            // Every byte is written once and read back once.
            Action<long> progress = bytes => context.Progress(done += bytes, 2 * size);
            try
            {
                Write(progress);
                set.Verify(progress);
                set.MarkComplete();
            }
            catch (Failure failure)
            {
                Spoil(failure.Message);
                throw;
            }
        }

        private void Spoil(string reason)
        {
            try
            {
                set.MarkUnusable(reason);
            }
            catch (Failure)
            {
                // On a full disk not even the mark can be written; without `complete` nobody uses the set.
            }
        }

        private void Write(Action<long> progress)
        {
            BackupItems writer = new BackupItems(set, progress);
            List<object> written = new List<object>();
            foreach (Map item in items)
                written.Add(writer.Add(item));
            set.WriteManifest(new Map
            {
                { "format", 1L },
                { "name", name },
                { "created", Times.Text(Seams.Current.Now()) },
                { "machine", Environment.GetEnvironmentVariable("COMPUTERNAME") },
                { "about", about },
                { "items", written },
            });
        }

        private void RefuseWithoutSpace(long size)
        {
            string existing = directory;
            while (Disk.Find(existing) == null && Paths.Parent(existing) != null)
                existing = Paths.Parent(existing);
            Space space = Seams.Current.FreeSpace(existing);
            if (space.FreeBytes < size)
                throw new Failure("disk_full", "The backup needs " + size + " bytes, but " + space.Volume + " has only "
                    + space.FreeBytes + " bytes free. Free some space there, or choose another folder for backups.",
                    new Map { { "path", directory }, { "needed_bytes", size }, { "free_bytes", space.FreeBytes } });
        }

        public override void Verify()
        {
            if (!set.IsComplete)
                throw new Failure("verification_failed", "The backup set '" + set.Folder + "' is not complete.");
        }

        /// <summary>A complete set stays; a part of one is marked, so that nobody trusts it.</summary>
        public override void Undo(OperationContext context, Map inverse)
        {
            if (Disk.Find(set.Folder) != null && !set.IsComplete && !set.IsUnusable)
                set.MarkUnusable("The backup was interrupted.");
        }
    }
}
