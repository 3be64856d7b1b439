// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._BackupItems;
using ansible_collections.comindware.platform.plugins.module_utils._BackupSet;
using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Entry;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._FullDisk;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Operation;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Protected;
using ansible_collections.comindware.platform.plugins.module_utils._Rehearsal;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using ansible_collections.comindware.platform.plugins.module_utils._Times;
using System;
using System.Collections.Generic;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._BackupOperations
{
    /// <summary>`backup_set`: written, flushed, read back, and restored on trial.</summary>
    public class WriteBackupSet : Operation
    {
        private const string Advice = "Free some space there, or choose another folder for backups.";
        private readonly string directory;
        private readonly string name;
        private readonly List<Map> items;
        private readonly string rehearse;
        private readonly Map about;
        private readonly BackupSet set;

        public WriteBackupSet(Map fields)
        {
            directory = RootedPath(fields, "directory");
            name = fields.Text("name");
            rehearse = Rehearsal.Check(fields.Text("rehearse", Rehearsal.None));
            if (directory.StartsWith(@"\\", StringComparison.Ordinal))
                throw Failure.BadRequest("A backup set lies on a disk of the host itself, not on the share '" + directory
                    + "': an undo needs it whatever becomes of the network. A share can hold a second copy.");
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
            RemoveLeft();
            return new Map { { "set", set.Folder } };
        }

        /// <summary>What trials of earlier transactions may have left beside.</summary>
        private void RemoveLeft()
        {
            if (Disk.Find(directory) == null)
                return;
            foreach (Entry entry in Disk.List(directory).Where(one => one.IsDirectory))
                Rehearsal.RemoveLeft(new BackupSet(entry.Path));
        }

        public override void Act(OperationContext context, Map inverse)
        {
            List<List<Map>> listed = items.Select(BackupItems.Listed).ToList();
            List<long> trials = listed.Select(one => Rehearsal.SizeOf(rehearse, one)).ToList();
            long size = listed.Sum(one => one.Sum(entry => entry.Number("size", 0)));
            // One item after another is restored on trial, and removed again.
            long needed = size + trials.DefaultIfEmpty(0).Max();
            FullDisk.Refuse("The backup", directory, needed, Advice);
            Protected.Ensure(set.Folder);
            long done = 0;
            // Every byte is written and read back once, and so is every byte of the rehearsal.
            long total = 2 * (size + trials.Sum());
            Action<long> progress = bytes => context.Progress(Math.Min(done += bytes, total), total);
            try
            {
                Map manifest = Write(progress);
                set.Verify(progress);
                set.MarkComplete(new Rehearsal(set, rehearse, progress).Run(manifest));
            }
            catch (Failure failure)
            {
                Spoil(failure.Message);
                if (failure.Code == FullDisk.Code && IsOurs(failure))
                    throw Filled(needed);
                throw;
            }
        }

        private void Spoil(string reason)
        {
            try
            {
                set.Discard(reason);
            }
            catch (Failure)
            {
                // Why the backup failed is told. Without `complete` nobody uses the set, and the undo tries it again.
            }
        }

        /// <summary>Was it the disk of the set that was full, and not that of the journal?</summary>
        private bool IsOurs(Failure failure)
        {
            object path;
            return failure.Details.TryGetValue("path", out path) && Paths.IsWithin((string)path, set.Folder);
        }

        private Failure Filled(long needed)
        {
            Map details = new Map { { "path", directory }, { "needed_bytes", needed } };
            return new Failure(FullDisk.Code, "The disk became full while the backup was made. It needs " + needed
                + " bytes in all, and " + FullDisk.Free(directory, details)
                + " now that what was written of it is removed. " + Advice, details);
        }

        private Map Write(Action<long> progress)
        {
            BackupItems writer = new BackupItems(set, progress);
            List<object> written = new List<object>();
            foreach (Map item in items)
                written.Add(writer.Add(item));
            Map manifest = new Map
            {
                { "format", 1L },
                { "name", name },
                { "created", Times.Text(Seams.Current.Now()) },
                { "machine", Environment.GetEnvironmentVariable("COMPUTERNAME") },
                { "about", about },
                { "items", written },
            };
            set.WriteManifest(manifest);
            return manifest;
        }

        public override void Verify()
        {
            if (!set.IsComplete)
                throw new Failure("verification_failed", "The backup set '" + set.Folder + "' is not complete.");
        }

        /// <summary>A complete set stays; of a part of one only the mark stays.</summary>
        public override void Undo(OperationContext context, Map inverse)
        {
            if (Disk.Find(set.Folder) == null)
                return;
            Rehearsal.RemoveLeft(set);
            if (!set.IsComplete && !set.IsUnusable)
                set.Discard("The backup was interrupted.");
        }
    }
}
