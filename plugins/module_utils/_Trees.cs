// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Entry;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._Trees
{
    /// <summary>Whole trees of folders.</summary>
    public static class Trees
    {
        /// <summary>Deletes a folder with all that is in it, children first; never through a link. Nothing there is no
        /// error, so that an interrupted removal can be repeated.</summary>
        public static void Remove(string folder)
        {
            Entry root = Disk.Find(folder);
            if (root == null)
                return;
            if (root.IsDirectory)
            {
                foreach (Entry entry in Disk.Walk(folder).Reverse())
                    RemoveEntry(entry);
            }
            RemoveEntry(root);
        }

        /// <summary>Deletes a link (what it leads to stays), a file, or an empty folder.</summary>
        public static void RemoveEntry(Entry entry)
        {
            if (entry.Link != null)
                Disk.RemoveLink(entry.Path);
            else
                Disk.Delete(entry.Path);
        }
    }
}
