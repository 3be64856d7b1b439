// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using System;

namespace ansible_collections.comindware.platform.plugins.module_utils._FullDisk
{
    /// <summary>What a full disk lacks, in numbers.</summary>
    public static class FullDisk
    {
        public const string Code = "disk_full";

        /// <summary>Does the act; a full disk is told with the bytes that `path` needs and those that are free.
        /// </summary>
        public static void Explain(string path, Func<long> needed, Action act)
        {
            try
            {
                act();
            }
            catch (Failure failure)
            {
                if (failure.Code != Code || failure.Details.ContainsKey("needed_bytes"))
                    throw;
                throw Full(path, needed(), failure);
            }
        }

        private static Failure Full(string path, long needed, Failure failure)
        {
            try
            {
                Space space = SpaceAt(path);
                return new Failure(Code, "The disk is full: '" + path + "' needs " + needed + " bytes, and "
                    + space.Volume + " has " + space.FreeBytes + " bytes free. Free some space there and try again.",
                    new Map(failure.Details) { { "needed_bytes", needed }, { "free_bytes", space.FreeBytes } });
            }
            catch (Exception)
            {
                return failure;
            }
        }

        /// <summary>The space of the volume on which the path lies, or will lie.</summary>
        public static Space SpaceAt(string path)
        {
            string existing = path;
            while (Disk.Find(existing) == null && Paths.Parent(existing) != null)
                existing = Paths.Parent(existing);
            return Seams.Current.FreeSpace(existing);
        }

        /// <summary>Refuses what does not fit on the volume. `what` is the begin of a sentence.</summary>
        public static void Refuse(string what, string path, long needed, string advice)
        {
            Space space = SpaceAt(path);
            if (space.FreeBytes < needed)
                throw new Failure(Code, what + " needs " + needed + " bytes, but " + space.Volume + " has only "
                    + space.FreeBytes + " bytes free. " + advice,
                    new Map { { "path", path }, { "needed_bytes", needed }, { "free_bytes", space.FreeBytes } });
        }
    }
}
