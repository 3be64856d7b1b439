// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Entry;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Operation;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Protected;
using System.Collections.Generic;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._NewFolders
{
    /// <summary>The folders that a new file needs and that are not there: made below the agent's own root, and removed
    /// again by the undo.</summary>
    public static class NewFolders
    {
        /// <summary>The missing folders above the path, parents first; refused outside the agent's root.</summary>
        public static List<object> Above(OperationContext context, string path)
        {
            List<object> missing = Missing(Paths.Parent(path));
            if (missing.Count > 0 && !Paths.IsWithin(path, context.Root))
                throw new Failure("missing", "'" + path + "' cannot be written: the folder '" + missing[0]
                    + "' does not exist, and folders are created only below '" + context.Root
                    + "'. Create it, or correct the path.", new Map { { "path", missing[0] } });
            return missing;
        }

        /// <summary>The folder and those above it, as far as they are missing, parents first.</summary>
        public static List<object> Missing(string path)
        {
            List<object> missing = new List<object>();
            for (string folder = path; folder != null && Disk.Find(folder) == null; folder = Paths.Parent(folder))
                missing.Insert(0, folder);
            return missing;
        }

        /// <summary>Creates those that the inverse names.</summary>
        public static void Create(Map inverse)
        {
            foreach (string folder in inverse.Texts("folders"))
                Protected.Create(folder);
        }

        /// <summary>Removes those that the inverse names, as far as they are empty.</summary>
        public static void Remove(Map inverse)
        {
            foreach (string folder in inverse.Texts("folders").AsEnumerable().Reverse())
            {
                Entry there = Disk.Find(folder);
                if (there != null && there.IsDirectory && Disk.List(folder).Count == 0)
                    Disk.Delete(folder);
            }
        }
    }
}
