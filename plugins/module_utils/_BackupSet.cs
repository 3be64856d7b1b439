// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Entry;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._FullDisk;
using ansible_collections.comindware.platform.plugins.module_utils._Hashes;
using ansible_collections.comindware.platform.plugins.module_utils._Json;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Protected;
using ansible_collections.comindware.platform.plugins.module_utils._Text;
using ansible_collections.comindware.platform.plugins.module_utils._Trees;
using System;
using System.Collections.Generic;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._BackupSet
{
    /// <summary>A backup set on the disk: its manifest, and the proof that it holds what the manifest says.</summary>
    public class BackupSet
    {
        private const string ManifestFile = "manifest.json";
        private const string HashFile = "manifest.sha256";
        private const string CompleteFile = "complete";
        private const string UnusableFile = "unusable";
        private const string LeavingEnd = ".~agent-removed";
        private const string ScratchFolder = "rehearsal";

        public readonly string Folder;

        public BackupSet(string folder)
        {
            Folder = folder;
        }

        /// <summary>The folder in which the set is restored on trial.</summary>
        public string Scratch
        {
            get { return At(ScratchFolder); }
        }

        public string FilesOf(string item)
        {
            return Paths.Combine(Folder, @"files\" + item);
        }

        private string At(string name)
        {
            return Paths.Combine(Folder, name);
        }

        public void WriteManifest(Map manifest)
        {
            WriteManifest(Text.Utf8.GetBytes(Json.Write(manifest)));
        }

        /// <summary>Gives a copy of a set the same manifest.</summary>
        public void CopyManifest(BackupSet from)
        {
            WriteManifest(Disk.Read(from.At(ManifestFile)));
        }

        private void WriteManifest(byte[] bytes)
        {
            Disk.Write(At(ManifestFile), bytes);
            Disk.Write(At(HashFile), Text.Utf8.GetBytes(Hashes.Of(bytes) + "  " + ManifestFile + "\n"));
        }

        /// <summary>Written last: a set without it was interrupted. It tells what was restored on trial.</summary>
        public void MarkComplete(Map rehearsal)
        {
            Disk.Write(At(CompleteFile), Text.Utf8.GetBytes(Json.Write(rehearsal) + "\n"));
        }

        /// <summary>What `complete` tells; an empty map for a set that was never restored on trial.</summary>
        public Map Rehearsal
        {
            get
            {
                byte[] bytes = Disk.Find(At(CompleteFile)) == null ? new byte[0] : Disk.Read(At(CompleteFile));
                return bytes.Length == 0 ? new Map() : Json.ParseMap(Text.Utf8.GetString(bytes));
            }
        }

        public void MarkUnusable(string reason)
        {
            Disk.Delete(At(CompleteFile));
            Disk.Write(At(UnusableFile), Text.Utf8.GetBytes(reason + "\n"));
        }

        /// <summary>Takes a set that is no good out of use, and all that is in it away. On a full disk not even the mark
        /// can be written before the files are gone, and perhaps not then: without `complete` nobody uses the set.
        /// </summary>
        public void Discard(string reason)
        {
            Disk.Delete(At(CompleteFile));
            foreach (Entry entry in Disk.List(Folder))
                Trees.Remove(entry.Path);
            try
            {
                MarkUnusable(reason);
            }
            catch (Failure failure)
            {
                if (failure.Code != FullDisk.Code)
                    throw;
                Trees.Remove(Folder);
            }
        }

        /// <summary>Removes the set. It loses its name first, in one step and only if nobody holds a file in it, and then
        /// `complete`, so that what an interruption leaves is never taken for a good one.</summary>
        public void Remove()
        {
            string leaving = Leaving;
            if (!WasLeaving && Disk.Find(Folder) != null)
            {
                Trees.Remove(leaving);
                Disk.Move(Folder, leaving);
            }
            Disk.Delete(Paths.Combine(leaving, CompleteFile));
            Trees.Remove(leaving);
        }

        /// <summary>The name that it has while it is removed.</summary>
        public string Leaving
        {
            get { return WasLeaving ? Folder : Folder + LeavingEnd; }
        }

        /// <summary>Is it what an interrupted removal has left?</summary>
        public bool WasLeaving
        {
            get { return Folder.EndsWith(LeavingEnd, StringComparison.OrdinalIgnoreCase); }
        }

        public bool IsComplete
        {
            get { return Disk.Find(At(CompleteFile)) != null && !IsUnusable; }
        }

        public bool IsUnusable
        {
            get { return Disk.Find(At(UnusableFile)) != null; }
        }

        /// <summary>Why the set was marked as unusable, or null if it was not.</summary>
        public string UnusableReason
        {
            get { return IsUnusable ? Text.Utf8.GetString(Disk.Read(At(UnusableFile))).Trim() : null; }
        }

        /// <summary>The SHA-256 that the set itself names for its manifest: it finds damage. Against a forged set only
        /// a hash helps that was kept elsewhere.</summary>
        public string ManifestHash
        {
            get
            {
                if (Disk.Find(At(HashFile)) == null)
                    throw Damaged("it has no '" + HashFile + "'");
                return Text.Utf8.GetString(Disk.Read(At(HashFile))).Split(' ')[0].Trim();
            }
        }

        /// <summary>The manifest, which must have this hash.</summary>
        public Map ReadManifest(string hash)
        {
            byte[] bytes = Disk.Read(At(ManifestFile));
            if (Hashes.Of(bytes) != hash)
                throw Damaged("its manifest is not the one that was written");
            return Json.ParseMap(Text.Utf8.GetString(bytes));
        }

        /// <summary>Has the folder this very manifest? No error if it is no set.</summary>
        public bool HasManifest(string hash)
        {
            return Disk.Find(At(ManifestFile)) != null && Hashes.Of(Disk.Read(At(ManifestFile))) == hash;
        }

        /// <summary>Is nothing in the folder, if it is there, but what an interrupted start of a set leaves?</summary>
        public bool IsBlank
        {
            get
            {
                return Disk.Find(Folder) == null || Disk.List(Folder).All(entry => entry.IsFile
                    && entry.Name.StartsWith(ManifestFile + ".", StringComparison.OrdinalIgnoreCase));
            }
        }

        /// <summary>Refuses a set that is not complete, or that others than administrators could have changed.
        /// </summary>
        public void RefuseUnusable()
        {
            if (Protected.Check(Folder) != true)
                throw Damaged("its folder is missing, or others than Administrators and SYSTEM own it or may write "
                    + "to it");
            if (!IsComplete)
                throw Damaged("it was never completed, or was marked as unusable");
        }

        /// <summary>An item of the manifest that has this hash, in a set that nobody but administrators could change.
        /// </summary>
        public Map FindItem(string id, string manifestHash)
        {
            RefuseUnusable();
            Map item = ReadManifest(manifestHash).Maps("items").FirstOrDefault(one => one.Text("id") == id);
            if (item == null)
                throw Failure.BadRequest("The backup set '" + Folder + "' has no item '" + id + "'.");
            return item;
        }

        /// <summary>As above; the item must be this file or this tree, and all of it.</summary>
        public Map FindItem(string id, string kind, string path, string manifestHash)
        {
            Map item = FindItem(id, manifestHash);
            if (item.Text("kind") != kind || !Paths.Same(item.Text("path"), path))
                throw Failure.BadRequest("The item '" + id + "' of '" + Folder + "' is a " + item.Text("kind") + " of '"
                    + item.Text("path", "") + "', not the " + kind + " '" + path + "'.");
            if (!IsWhole(item))
                throw Failure.BadRequest("The item '" + id + "' of '" + Folder
                    + "' holds only a part of the tree: the whole one is needed to put it back.");
            return item;
        }

        /// <summary>Was nothing left out of it?</summary>
        public static bool IsWhole(Map item)
        {
            return item.Text("kind") != "tree" || !item.Flag("present", false) || item.Flag("whole", false);
        }

        /// <summary>Reads every file of the set back and compares it with the manifest.</summary>
        public void Verify(Action<long> progress)
        {
            foreach (Map item in ReadManifest(ManifestHash).Maps("items"))
                VerifyItem(item, progress);
        }

        /// <summary>Does it hold files, and not the answer of a query?</summary>
        public static bool HoldsFiles(Map item)
        {
            return item.Text("kind") == "tree" || item.Text("kind") == "file";
        }

        /// <summary>Where the files of an item lie in the set.</summary>
        public string PlaceOf(Map item, Map file)
        {
            return Paths.Combine(HoldsFiles(item) ? FilesOf(item.Text("id")) : Folder, file.Text("path"));
        }

        public static List<Map> FilesIn(Map item)
        {
            return item.Maps("entries").Where(entry => entry.Text("kind") == "file").ToList();
        }

        public void VerifyItem(Map item, Action<long> progress)
        {
            List<Map> files = FilesIn(item);
            string folder = FilesOf(item.Text("id"));
            foreach (Map file in files)
                VerifyFile(PlaceOf(item, file), file, progress);
            if (HoldsFiles(item) && Disk.Find(folder) != null && Disk.Walk(folder).Count(entry => entry.IsFile) != files.Count)
                throw Damaged("'" + folder + "' holds files that the manifest does not name");
        }

        private void VerifyFile(string path, Map wanted, Action<long> progress)
        {
            Entry entry = Disk.Find(path);
            if (entry == null)
                throw Damaged("'" + path + "' is missing");
            if (entry.Size != wanted.Number("size", -1) || Disk.Hash(path, progress) != wanted.Text("sha256"))
                throw Damaged("the copy '" + path + "' is not equal to the file that was read");
        }

        public Failure Damaged(string why)
        {
            return new Failure("verification_failed", "The backup set '" + Folder + "' cannot be used: " + why
                + ". Use another set, or make a new backup before anything else.", new Map { { "set", Folder } });
        }
    }
}
