// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._BackupSet;
using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Entry;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._PathSources;
using ansible_collections.comindware.platform.plugins.module_utils._Protected;
using ansible_collections.comindware.platform.plugins.module_utils._Rehearsal;
using System;
using System.Collections.Generic;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._BackupQuery
{
    /// <summary>The query `backup_set`: what a set says of itself. Its files are not read.</summary>
    public static class BackupQuery
    {
        public static Map Describe(Map query, SourcePath source)
        {
            Entry entry = Disk.Find(source.Path);
            BackupSet set = new BackupSet(source.Path);
            Map item = new Map { { "path", source.Path }, { "exists", entry != null } };
            if (entry == null)
                return item;
            item["protected"] = false;
            item["complete"] = false;
            foreach (string field in new string[] { "unusable", "rehearsed", "name", "created", "machine", "about",
                "manifest_sha256" })
                item[field] = null;
            item["items"] = new List<object>();
            try
            {
                if (!entry.IsDirectory)
                    throw new Failure("verification_failed", "'" + source.Path + "' is a "
                        + entry.Kind.Replace('_', ' ') + ", not the folder of a backup set.");
                item["protected"] = Protected.Check(source.Path) == true;
                item["complete"] = set.IsComplete;
                item["unusable"] = set.UnusableReason;
                item["rehearsed"] = set.Rehearsal.Text("rehearsed", Rehearsal.None);
                AddManifest(item, set);
            }
            catch (Exception error)
            {
                Failure failure = Failure.From(error, source.Path);
                item["error"] = new Map { { "code", failure.Code }, { "message", failure.Message },
                    { "details", failure.Details } };
            }
            return item;
        }

        private static void AddManifest(Map item, BackupSet set)
        {
            string hash = set.ManifestHash;
            Map manifest = set.ReadManifest(hash);
            List<object> items = manifest.Maps("items").Select(one => (object)Summary(one)).ToList();
            item["name"] = manifest.Get("name");
            item["created"] = manifest.Get("created");
            item["machine"] = manifest.Get("machine");
            item["about"] = manifest.Get("about");
            item["manifest_sha256"] = hash;
            item["items"] = items;
        }

        private static Map Summary(Map item)
        {
            List<object> targets = item.Maps("entries").Where(entry => entry.Get("target") != null)
                .Select(entry => (object)entry.Text("target")).Distinct().ToList();
            List<Map> files = BackupSet.FilesIn(item);
            return new Map
            {
                { "id", item.Text("id") },
                { "kind", item.Text("kind") },
                { "path", item.Text("path", null) },
                { "present", item.Flag("present", false) },
                { "whole", BackupSet.IsWhole(item) },
                { "targets", targets },
                { "files", (long)files.Count },
                { "bytes", files.Sum(file => file.Number("size", 0)) },
            };
        }
    }
}
