// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._BackupSet;
using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Entry;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Operation;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Protected;
using ansible_collections.comindware.platform.plugins.module_utils._Times;
using System;
using System.Collections.Generic;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._PruneOperation
{
    /// <summary>`prune_sets`: removes old backup sets. The newest good ones stay, as many as are wanted, and those that
    /// the plan protects. What is older than these goes, good or marked as unusable. What has neither `complete` nor a
    /// mark may be the work of another transaction, and a folder that is no set is somebody else's: both stay.</summary>
    public class PruneSets : Operation
    {
        private readonly string directory;
        private readonly long keep;
        private readonly List<string> guarded;
        private readonly List<object> removed = new List<object>();

        public PruneSets(Map fields)
        {
            directory = RootedPath(fields, "directory");
            keep = fields.Number("keep", 0);
            guarded = RootedPaths(fields, "protect");
            if (keep < 1)
                throw Failure.BadRequest("prune_sets keeps at least one set, not " + keep + ".");
        }

        public override bool OnlyAtConfirm { get { return true; } }

        public override Map Inverse(OperationContext context, int index)
        {
            return new Map();
        }

        public override void Act(OperationContext context, Map inverse)
        {
            Failure first = null;
            foreach (string folder in TooOld())
            {
                try
                {
                    new BackupSet(folder).Remove();
                    removed.Add(folder);
                }
                catch (Failure failure)
                {
                    // One that somebody holds does not keep the others.
                    first = first ?? failure;
                }
            }
            if (first != null)
                throw first;
        }

        public override Map Report
        {
            get { return new Map { { "removed", removed } }; }
        }

        /// <summary>The sets to be removed, the oldest first.</summary>
        private List<string> TooOld()
        {
            if (Disk.Find(directory) == null)
                return new List<string>();
            Disk.RefuseLinks(directory);
            List<string> old = new List<string>();
            long good = 0;
            foreach (Found one in Disk.List(directory).Select(Look).Where(found => found != null)
                .OrderByDescending(found => found.Created))
            {
                bool guards = guarded.Any(path => Paths.Same(path, one.Folder));
                if (new BackupSet(one.Folder).WasLeaving || (good >= keep && !guards))
                    old.Add(one.Folder);
                // A protected one is a good one too.
                good += one.Good ? 1 : 0;
            }
            old.Reverse();
            return old;
        }

        /// <summary>A set that is done, one way or the other; null for everything else.</summary>
        private static Found Look(Entry entry)
        {
            BackupSet set = new BackupSet(entry.Path);
            if (!entry.IsDirectory || !(set.IsComplete || set.IsUnusable || set.WasLeaving))
                return null;
            Found found = new Found { Folder = entry.Path, Created = entry.Modified };
            if (set.WasLeaving)
                return found;
            try
            {
                Map manifest = set.ReadManifest(set.ManifestHash);
                found.Created = Times.Parse(manifest.Text("created"));
                found.Good = set.IsComplete && Protected.Check(entry.Path) == true;
            }
            catch (Exception)
            {
                // Without a manifest that can be believed it is as old as its folder, and good for nothing.
                found.Good = false;
            }
            return found;
        }

        private class Found
        {
            public string Folder;
            public DateTime Created;
            public bool Good;
        }

        public override void Verify()
        {
            object left = removed.FirstOrDefault(folder => Disk.Find((string)folder) != null);
            if (left != null)
                throw NotAsWritten("The folder '" + left + "' of a removed backup set");
        }

        public override void Undo(OperationContext context, Map inverse)
        {
        }
    }
}
