// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Entry;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._PathSources;
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._ReadSpeed
{
    /// <summary>The query `read_speed`: how fast files come off a disk. What Windows has in its memory comes faster
    /// than that; the largest files are the least likely to be there as a whole.</summary>
    public class ReadSpeed
    {
        // Small enough to stop in time on a slow disk, large enough that the openings do not count.
        private const int Piece = 4 * 1024 * 1024;
        private const long MaximumBytes = 64 * 1024 * 1024;
        private const long MaximumMilliseconds = 2000;
        private readonly Stopwatch watch = new Stopwatch();
        private readonly long bytesLimit;
        private readonly long millisecondsLimit;
        private long bytes;
        private long files;
        private long skipped;

        private ReadSpeed(Map query)
        {
            bytesLimit = query.Number("maximum_bytes", MaximumBytes);
            millisecondsLimit = query.Number("maximum_ms", MaximumMilliseconds);
        }

        public static Map Describe(Map query, SourcePath source)
        {
            Entry entry = Disk.Find(source.Path);
            ReadSpeed speed = new ReadSpeed(query);
            if (entry != null)
                speed.Measure(entry);
            return new Map
            {
                { "path", source.Path },
                { "exists", entry != null },
                { "files", speed.files },
                { "bytes", speed.bytes },
                // Never 0 after a byte was read: whoever asks divides by it.
                { "elapsed_ms", (long)Math.Ceiling(speed.watch.Elapsed.TotalMilliseconds) },
                { "skipped", speed.skipped },
            };
        }

        private void Measure(Entry entry)
        {
            IEnumerable<Entry> all = entry.IsDirectory ? Disk.Walk(entry.Path) : new Entry[] { entry };
            foreach (Entry file in all.Where(one => one.IsFile).OrderByDescending(one => one.Size))
            {
                if (IsOver)
                    return;
                watch.Start();
                ReadOne(file);
                watch.Stop();
            }
        }

        private bool IsOver
        {
            get { return bytes >= bytesLimit || watch.ElapsedMilliseconds >= millisecondsLimit; }
        }

        /// <summary>Reads a file up to its end or to a limit. One that somebody holds for himself is no measure.
        /// </summary>
        private void ReadOne(Entry file)
        {
            try
            {
                for (long at = 0; at < file.Size && !IsOver; at += Piece)
                    bytes += Disk.ReadPart(file.Path, at, Math.Min(Piece, bytesLimit - bytes)).Length;
                files++;
            }
            catch (Failure)
            {
                skipped++;
            }
        }
    }
}
