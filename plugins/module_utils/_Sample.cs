// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Hashes;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using ansible_collections.comindware.platform.plugins.module_utils._Text;
using System;
using System.Collections.Generic;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._Sample
{
    /// <summary>A part of a tree that stands for all of it: the smallest and the largest file, one link of every kind,
    /// and more files up to a limit, with the folders above them. The same tree has the same sample.</summary>
    public static class Sample
    {
        private const int Files = 200;
        private const long Bytes = 64L * 1024 * 1024;

        /// <summary>The chosen ones of the entries (`path`, `kind`, `size`), in their order.</summary>
        public static List<Map> Of(List<Map> entries)
        {
            HashSet<string> chosen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            foreach (string path in Links(entries).Concat(SomeFiles(entries)))
            {
                for (string one = path; one.Length > 0; one = one.Substring(0, Math.Max(0, one.LastIndexOf('\\'))))
                    chosen.Add(one);
            }
            return entries.Where(entry => chosen.Contains(entry.Text("path"))).ToList();
        }

        private static IEnumerable<string> Links(List<Map> entries)
        {
            return entries.Where(entry => entry.Text("kind") != "file" && entry.Text("kind") != "directory"
                    && entry.Text("kind") != LinkKind.Other)
                .GroupBy(entry => entry.Text("kind")).Select(kind => kind.First().Text("path"));
        }

        private static List<string> SomeFiles(List<Map> entries)
        {
            List<Map> files = entries.Where(entry => entry.Text("kind") == "file")
                .OrderBy(entry => entry.Number("size", 0)).ThenBy(Order, StringComparer.Ordinal).ToList();
            if (files.Count == 0)
                return new List<string>();
            List<string> chosen = new List<string> { files[0].Text("path"), files[files.Count - 1].Text("path") };
            long bytes = 0;
            // By the hash of the name: from all over the tree, whatever its files are called.
            foreach (Map file in files.Skip(1).Take(files.Count - 2).OrderBy(Order, StringComparer.Ordinal))
            {
                if (chosen.Count == Files)
                    break;
                if (bytes + file.Number("size", 0) > Bytes)
                    continue;
                bytes += file.Number("size", 0);
                chosen.Add(file.Text("path"));
            }
            return chosen;
        }

        private static string Order(Map file)
        {
            return Hashes.Of(Text.Utf8.GetBytes(file.Text("path").ToUpperInvariant()));
        }
    }
}
