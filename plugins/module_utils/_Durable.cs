// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Retry;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using System;
using System.IO;

namespace ansible_collections.comindware.platform.plugins.module_utils._Durable
{
    /// <summary>Files that other programs have written, brought to the disk. Windows keeps them in memory for a while,
    /// and what the recovery after a power loss needs must be there then.</summary>
    public static class Durable
    {
        // A virus scanner holds a new file for a moment: 5 ERROR_ACCESS_DENIED, 32 ERROR_SHARING_VIOLATION,
        // 33 ERROR_LOCK_VIOLATION
        private static readonly int[] Passing = { 5, 32, 33 };

        /// <summary>Waits until the file is on the disk.</summary>
        public static void Flush(string path)
        {
            try
            {
                Seams.Current.Point("before:flush", path);
                Retry.OnNumbers(Passing, () => Flushed(path));
                Seams.Current.Point("after:flush", path);
            }
            catch (Exception error)
            {
                throw Failure.From(error, path);
            }
        }

        /// <summary>As above for a file of Windows itself: it may lie elsewhere or be refused, and then it reaches the
        /// disk a little later.</summary>
        public static void TryFlush(string path)
        {
            try
            {
                if (Disk.Find(path) != null)
                    Flush(path);
            }
            catch (Failure)
            {
                // Nothing is wrong with the file.
            }
        }

        private static bool Flushed(string path)
        {
            string real = Seams.Current.RealPath(Paths.Long(Paths.Normalise(path)));
            // FlushFileBuffers wants the right to write.
            using (FileStream file = new FileStream(real, FileMode.Open, FileAccess.Write,
                FileShare.ReadWrite | FileShare.Delete))
                file.Flush(true);
            return true;
        }
    }
}
