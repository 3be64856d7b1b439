// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Entry;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._PathSources;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Times;
using ansible_collections.comindware.platform.plugins.module_utils._ZipCheck;
using System;
using System.Collections.Generic;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._ZipQuery
{
    /// <summary>The query `zip`: whether an archive is whole, and holds what is wanted.</summary>
    public static class ZipQuery
    {
        private const long MaximumSeconds = 600;

        /// <summary>The newest files among the paths where the query asks for so many, else all of them.</summary>
        public static List<SourcePath> Choose(Map query, List<SourcePath> paths)
        {
            long newest = query.Number("newest", 0);
            if (newest <= 0)
                return paths;
            return paths.Select(path => new KeyValuePair<SourcePath, Entry>(path, Disk.Find(path.Path)))
                .Where(pair => pair.Value != null && pair.Value.IsFile)
                .OrderByDescending(pair => pair.Value.Modified)
                .Take((int)Math.Min(newest, Int32.MaxValue)).Select(pair => pair.Key).ToList();
        }

        public static Map Describe(Map query, SourcePath source)
        {
            Entry entry = Disk.Find(source.Path);
            Map item = new Map { { "path", source.Path }, { "exists", entry != null } };
            if (entry == null)
                return item;
            List<string> wanted = query.Texts("entries");
            Dictionary<string, long> found = wanted.Distinct().ToDictionary(glob => glob, glob => 0L);
            item["size"] = entry.Size;
            item["modified"] = Times.Text(entry.Modified);
            item["files"] = item["bytes"] = 0L;
            try
            {
                Check(query, entry, item, found);
                item["state"] = "good";
                item["reason"] = null;
            }
            catch (Failure failure)
            {
                bool told = failure.Code == "damaged" || failure.Code == "incomplete";
                item["state"] = told ? failure.Code : "unproved";
                item["reason"] = failure.Message.TrimEnd('.');
            }
            item["found"] = new Map(found.ToDictionary(pair => pair.Key, pair => (object)pair.Value));
            return item;
        }

        private static void Check(Map query, Entry entry, Map item, Dictionary<string, long> found)
        {
            if (!entry.IsFile)
                throw new Failure("unproved", "it is a folder or a link");
            long seconds = query.Number("maximum_seconds", MaximumSeconds);
            using (ZipCheck check = new ZipCheck(entry.Path, entry.Size, seconds))
            {
                try
                {
                    check.Run(name =>
                    {
                        foreach (string glob in found.Keys.Where(one => Paths.Matches(name, one)).ToList())
                            found[glob]++;
                    });
                }
                finally
                {
                    item["files"] = check.Files;
                    item["bytes"] = check.Bytes;
                }
            }
            Entry after = Disk.Find(entry.Path);
            if (after == null || after.Size != entry.Size || after.Modified != entry.Modified)
                throw new Failure("unproved", "it was changed while it was read");
            if (item.Number("files", 0) == 0)
                throw new Failure("incomplete", "it holds no files");
            foreach (string glob in found.Keys.Where(one => found[one] == 0))
                throw new Failure("incomplete", "it holds no file '" + glob + "'");
        }
    }
}
