// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._BackupSet;
using ansible_collections.comindware.platform.plugins.module_utils._CopyFailure;
using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Entry;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._FullDisk;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._NewFolders;
using ansible_collections.comindware.platform.plugins.module_utils._Operation;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Protected;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._SetCopy
{
    /// <summary>A second copy of a backup set, on a share or anywhere else, made under the account of the caller: the
    /// system's own has no rights on a share. Whatever was copied stays when it is interrupted, and the next call goes
    /// on from there. A file has its name when it was read back, and `complete` is written last.</summary>
    public class SetCopy
    {
        private const string PartEnd = ".~agent-part";
        private readonly BackupSet from;
        private readonly BackupSet to;
        private readonly Map manifest;
        private readonly string hash;

        private SetCopy(string set, string folder)
        {
            from = new BackupSet(set);
            to = new BackupSet(folder);
            if (Paths.IsWithin(set, folder) || Paths.IsWithin(folder, set))
                throw Failure.BadRequest("A copy of the backup set '" + set + "' cannot be made in '" + folder
                    + "': one lies in the other.");
            from.RefuseUnusable();
            hash = from.ManifestHash;
            manifest = from.ReadManifest(hash);
        }

        /// <summary>The command `copy_set`: copies for `wait_seconds`, from the file number `next` on, but one file at
        /// least.</summary>
        public static Map Run(Map request)
        {
            RefuseOthers();
            string to = Folder(request, "to");
            SetCopy copy = new SetCopy(Folder(request, "set"), to);
            return CopyFailure.Explain(to, () => copy.Copy(request.Number("next", 0),
                request.Number("wait_seconds", 0)));
        }

        /// <summary>The command `probe_copy`: makes a file in the folder and deletes it. The folders that it had to make
        /// for that go as well.</summary>
        public static Map Probe(Map request)
        {
            RefuseOthers();
            string to = Folder(request, "to");
            return CopyFailure.Explain(to, delegate
            {
                Map made = new Map { { "folders", NewFolders.Missing(to) } };
                try
                {
                    Disk.CreateDirectory(to);
                    string file = Paths.Combine(to, Guid.NewGuid().ToString("N") + PartEnd);
                    Disk.Write(file, new byte[1]);
                    Disk.Delete(file);
                }
                finally
                {
                    NewFolders.Remove(made);
                }
                return new Map { { "path", to } };
            });
        }

        private static void RefuseOthers()
        {
            if (!Seams.Current.IsAdministrator())
                throw new Failure("not_administrator", "Only administrators can read backup sets. Connect with an "
                    + "account that is a member of the group Administrators, and whose rights are not filtered.");
        }

        private static string Folder(Map request, string name)
        {
            string path = Paths.Normalise(Paths.Expand(request.Text(name)));
            if (!Paths.IsRooted(path) || Paths.HasWildcard(path))
                throw Failure.BadRequest("The field '" + name + "' must be an absolute path without wildcards, not '"
                    + path + "'.");
            return path;
        }

        private Map Copy(long next, long seconds)
        {
            List<Map> files = manifest.Maps("items").SelectMany(item =>
                BackupSet.FilesIn(item).Select(file => Placed(item, file))).ToList();
            long total = files.Sum(file => file.Number("size", 0));
            bool begun = Begun();
            if (begun && to.IsComplete)
                return Answer(true, files.Count, 0, total, total);
            // Whoever goes on may find that somebody has removed what was there.
            next = begun ? next : 0;
            if (next == 0)
                Begin(files);
            Stopwatch watch = Stopwatch.StartNew();
            long copied = 0;
            int at = (int)Math.Min(next, files.Count);
            for (bool more = true; more && at < files.Count; at++)
            {
                copied += CopyFile(files[at]) ? 1 : 0;
                more = watch.Elapsed.TotalSeconds < seconds;
            }
            long bytes = files.Take(at).Sum(file => file.Number("size", 0));
            if (at == files.Count)
                to.MarkComplete(from.Rehearsal);
            return Answer(at == files.Count, at, copied, bytes, total);
        }

        private Map Answer(bool complete, long next, long copied, long bytes, long total)
        {
            return new Map { { "path", to.Folder }, { "complete", complete }, { "next", next }, { "copied", copied },
                { "bytes", bytes }, { "total_bytes", total } };
        }

        private Map Placed(Map item, Map file)
        {
            string place = from.PlaceOf(item, file);
            return new Map(file) { { "from", place },
                { "to", Paths.Combine(to.Folder, place.Substring(from.Folder.Length + 1)) } };
        }

        /// <summary>Is a copy of this very set there, whole or in part? Anything else there is refused.</summary>
        private bool Begun()
        {
            if (to.IsBlank)
                return false;
            if (to.HasManifest(hash))
                return true;
            throw new Failure("exists", "'" + to.Folder + "' holds something else than a copy of the backup set '"
                + from.Folder + "', and is not written over. Look what it is, and remove it or choose another place for "
                + "copies.", new Map { { "path", to.Folder } });
        }

        private void Begin(List<Map> files)
        {
            FullDisk.Refuse("The copy of the backup set", to.Folder, files.Where(file => !IsThere(file))
                .Sum(file => file.Number("size", 0)), "Free some space there, or choose another place for copies.");
            // The access list of a share is its owner's affair; elsewhere on the host secrets need one.
            if (to.Folder.StartsWith(@"\\", StringComparison.Ordinal))
                Disk.CreateDirectory(to.Folder);
            else
                Protected.Ensure(to.Folder);
            to.CopyManifest(from);
        }

        /// <summary>Every file that has its name was read back before it got it.</summary>
        private static bool IsThere(Map file)
        {
            Entry there = Disk.Find(file.Text("to"));
            return there != null && there.IsFile && there.Size == file.Number("size", -1);
        }

        /// <summary>False if it is there already.</summary>
        private bool CopyFile(Map file)
        {
            if (IsThere(file))
                return false;
            string place = file.Text("to"), part = place + PartEnd, wanted = file.Text("sha256");
            Disk.CreateDirectory(Paths.Parent(place));
            if (Disk.Copy(file.Text("from"), part, delegate { }) != wanted)
                throw from.Damaged("the file '" + file.Text("from") + "' is not the one that was written");
            if (Disk.Hash(part) != wanted)
                throw new Failure("verification_failed", "'" + part + "' was read back, and is not what was written "
                    + "there. Look at that disk, then make the copy again.", new Map { { "path", part } });
            Disk.Delete(place);
            Disk.Move(part, place);
            return true;
        }
    }
}
