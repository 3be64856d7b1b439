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
                using (FileStream file = Open(path))
                    Flush(file, path);
            }
            catch (Exception error)
            {
                throw Failure.From(error, path);
            }
        }

        /// <summary>As above for a file of Windows itself: it may lie elsewhere, or not let itself be opened, and then it
        /// reaches the disk a little later. That it does not get there is a failure all the same.</summary>
        public static void FlushIfOpen(string path)
        {
            using (FileStream file = OpenIfPossible(path))
            {
                if (file != null)
                    Flush(file, path);
            }
        }

        private static FileStream OpenIfPossible(string path)
        {
            try
            {
                return Disk.Find(path) == null ? null : Open(path);
            }
            catch (Exception)
            {
                return null;
            }
        }

        private static FileStream Open(string path)
        {
            string real = Seams.Current.RealPath(Paths.Long(Paths.Normalise(path)));
            return Retry.OnNumbers(Passing, delegate
            {
                Seams.Current.Point("before:flush", path);
                // FlushFileBuffers wants the right to write.
                return new FileStream(real, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            });
        }

        private static void Flush(FileStream file, string path)
        {
            Seams.Current.Flush(file, path);
            Seams.Current.Point("after:flush", path);
        }
    }
}
