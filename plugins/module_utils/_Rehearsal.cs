// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._AccessList;
using ansible_collections.comindware.platform.plugins.module_utils._BackupSet;
using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Entry;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._FullDisk;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Protected;
using ansible_collections.comindware.platform.plugins.module_utils._Sample;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using ansible_collections.comindware.platform.plugins.module_utils._Times;
using ansible_collections.comindware.platform.plugins.module_utils._TreeRestore;
using ansible_collections.comindware.platform.plugins.module_utils._Trees;
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._Rehearsal
{
    /// <summary>A set restored on trial: into a scratch folder of its own, item after item, each compared with the
    /// manifest and removed again.</summary>
    public class Rehearsal
    {
        public const string None = "none";
        private const string OfSample = "sample";
        private const string OfWhole = "whole";

        // The others cannot be set, or the volume sets them by itself.
        private const FileAttributes Compared = FileAttributes.ReadOnly | FileAttributes.Hidden | FileAttributes.System
            | FileAttributes.Archive | FileAttributes.NotContentIndexed;

        private readonly BackupSet set;
        private readonly string kind;
        private readonly Action<long> progress;

        public Rehearsal(BackupSet set, string kind, Action<long> progress)
        {
            this.set = set;
            this.kind = kind;
            this.progress = progress;
        }

        public static string Check(string kind)
        {
            if (kind != None && kind != OfSample && kind != OfWhole)
                throw Failure.BadRequest("rehearse is 'none', 'sample' or 'whole', not '" + kind + "'.");
            return kind;
        }

        private static List<Map> Chosen(string kind, List<Map> entries)
        {
            return kind == OfWhole ? entries : kind == OfSample ? Sample.Of(entries) : new List<Map>();
        }

        /// <summary>The bytes that these entries of one item will take in the scratch folder.</summary>
        public static long SizeOf(string kind, List<Map> entries)
        {
            return Chosen(kind, entries).Sum(entry => entry.Number("size", 0));
        }

        /// <summary>Restores and compares; the answer tells what, for `complete`.</summary>
        public Map Run(Map manifest)
        {
            List<Map> all = new List<Map>();
            foreach (Map item in manifest.Maps("items").Where(BackupSet.HoldsFiles))
            {
                List<Map> chosen = Chosen(kind, item.Maps("entries"));
                all.AddRange(chosen);
                Map part = new Map(item);
                part["entries"] = chosen.Cast<object>().ToList();
                if (chosen.Count > 0)
                    Try(part);
            }
            return new Map { { "rehearsed", kind }, { "files", (long)all.Count(entry => entry.Text("kind") == "file") },
                { "bytes", all.Sum(entry => entry.Number("size", 0)) } };
        }

        private void Try(Map item)
        {
            try
            {
                Protected.Create(set.Scratch);
                string to = Paths.Combine(set.Scratch, item.Text("id"));
                new TreeRestore(set, item, to, progress).Run();
                foreach (Map entry in item.Maps("entries"))
                    Compare(entry, Paths.Combine(to, entry.Text("path")));
            }
            catch (Failure failure)
            {
                if (failure.Code == FullDisk.Code)
                    throw;
                Map details = new Map(failure.Details);
                details["set"] = set.Folder;
                throw new Failure("rehearsal_failed", "The backup set '" + set.Folder + "' was restored on trial, and "
                    + "that failed: " + failure.Message + " It is not used. Look at that disk, then make a new backup.",
                    details);
            }
            finally
            {
                RemoveLeft(set);
            }
        }

        /// <summary>Removes what a trial has left. What cannot be removed now is left to the next transaction: nobody
        /// takes it for a part of the set.</summary>
        public static void RemoveLeft(BackupSet set)
        {
            try
            {
                Trees.Remove(set.Scratch);
            }
            catch (Failure)
            {
                // A virus scanner may hold a new file for longer than deleting is tried again.
            }
        }

        private void Compare(Map entry, string at)
        {
            string difference = Difference(entry, at, Disk.Find(at));
            if (difference != null)
                throw new Failure("verification_failed", "'" + entry.Text("path") + "' " + difference + ".",
                    new Map { { "path", at } });
        }

        private string Difference(Map entry, string at, Entry there)
        {
            if (entry.Text("kind") == LinkKind.Other)
                return null;
            if (there == null || there.Kind != entry.Text("kind"))
                return there == null ? "is not there" : "became a " + there.Kind.Replace('_', ' ');
            if (there.Link != null)
                return Paths.Same(there.Link.Target, entry.Text("target")) ? null
                    : "leads to '" + there.Link.Target + "' instead of '" + entry.Text("target") + "'";
            if (AccessList.Own(Disk.ReadSecurity(at)) != AccessList.Own(entry.Text("sddl", "")))
                return "has another owner or access list";
            return there.IsFile ? OfFile(entry, at, there) : null;
        }

        private string OfFile(Map entry, string at, Entry there)
        {
            if (there.Size != entry.Number("size", -1) || Disk.Hash(at, progress) != entry.Text("sha256"))
                return "has another content";
            FileAttributes wanted = (FileAttributes)entry.Number("attributes", 0);
            if ((there.Attributes & Compared) != (wanted & Compared))
                return "has other attributes";
            return Times.Text(there.Modified) == entry.Text("modified") ? null : "has another time of its last change";
        }
    }
}
