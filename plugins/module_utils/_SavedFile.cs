// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Entry;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._NewFolders;
using ansible_collections.comindware.platform.plugins.module_utils._Operation;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Times;
using System;
using System.IO;

namespace ansible_collections.comindware.platform.plugins.module_utils._SavedFile
{
    /// <summary>A file kept aside, with attributes, owner and access list, so that an undo can put it back.</summary>
    public static class SavedFile
    {
        /// <summary>What a file at this path replaces, or null if nothing; refused if it is no file, or behind a link.
        /// </summary>
        public static Entry Replaced(string path)
        {
            Disk.RefuseLinks(path);
            Entry old = Disk.Find(path);
            if (old != null && !old.IsFile)
                throw new Failure("not_a_file", "'" + path + "' is a " + old.Kind.Replace('_', ' ')
                    + ": it is not overwritten by a file.", new Map { { "path", path } });
            return old;
        }

        /// <summary>The inverse of putting a file in place of `old`, or where nothing was.</summary>
        public static Map Inverse(OperationContext context, int index, string path, Entry old)
        {
            if (old != null)
                return Save(context, index, old);
            return new Map { { "absent", true }, { "folders", NewFolders.Above(context, path) } };
        }

        /// <summary>Undoes by such an inverse.</summary>
        public static void Undo(string path, Map inverse)
        {
            if (!inverse.Flag("absent", false))
            {
                Restore(inverse);
                return;
            }
            Disk.DeleteLeftovers(path);
            Disk.Delete(path);
            NewFolders.Remove(inverse);
        }

        /// <summary>Copies the file to the undo folder; the answer is the inverse for the journal.</summary>
        public static Map Save(OperationContext context, int index, Entry entry)
        {
            string copy = Paths.Combine(context.UndoFolder, context.SavedPrefix + index + ".saved");
            Disk.Delete(copy);
            string sha256 = Disk.Copy(entry.Path, copy, delegate { });
            context.Saved[entry.Path.ToLowerInvariant()] = copy;
            return new Map
            {
                { "path", entry.Path },
                { "saved", copy },
                { "sha256", sha256 },
                { "attributes", (long)entry.Attributes },
                { "modified", Times.Text(entry.Modified) },
                { "sddl", Disk.ReadSecurity(entry.Path) },
            };
        }

        /// <summary>Puts the file back; what is right already is left alone.</summary>
        public static void Restore(Map saved)
        {
            string path = saved.Text("path");
            string wanted = saved.Text("sha256");
            Disk.DeleteLeftovers(path);
            Entry now = Disk.Find(path);
            if (now == null || !now.IsFile || Disk.Hash(path) != wanted)
            {
                if (Disk.Hash(saved.Text("saved")) != wanted)
                    throw new Failure("verification_failed", "The saved copy '" + saved.Text("saved") + "' of '" + path
                        + "' is damaged. Put the file back from a backup.");
                Disk.WriteCopy(path, saved.Text("saved"), delegate { });
            }
            RestoreSecurity(saved);
            RestoreProperties(path, (FileAttributes)saved.Number("attributes", 0), saved.Text("modified"));
            if (Disk.Hash(path) != wanted)
                throw new Failure("verification_failed", "'" + path + "' could not be put back from '"
                    + saved.Text("saved") + "'. Copy it by hand.");
        }

        /// <summary>Attributes and time of last change, if they differ.</summary>
        public static void RestoreProperties(string path, FileAttributes attributes, string modified)
        {
            Entry now = Disk.Find(path);
            if (now.Attributes == attributes && Times.Text(now.Modified) == modified)
                return;
            // The time of a read-only file cannot be set.
            Disk.SetAttributes(path, attributes & ~FileAttributes.ReadOnly);
            Disk.SetModified(path, Times.Parse(modified));
            Disk.SetAttributes(path, attributes);
        }

        /// <summary>Owner and access list as they were: ReplaceFile keeps the access list, not always the owner.
        /// </summary>
        public static void RestoreSecurity(Map saved)
        {
            string path = saved.Text("path");
            if (Disk.ReadSecurity(path) != saved.Text("sddl"))
                Disk.WriteSecurity(path, saved.Text("sddl"));
        }
    }
}
