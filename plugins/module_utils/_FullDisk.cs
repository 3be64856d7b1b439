// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using System;
using System.IO;

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
            Map details = new Map(failure.Details) { { "needed_bytes", needed } };
            return new Failure(Code, "The disk is full: '" + path + "' needs " + needed + " bytes, and "
                + Free(path, details) + ". Free some space there and try again.", details);
        }

        /// <summary>What is free there, as the end of a sentence and in the details of a failure. That nobody can tell is
        /// told too, as the disk is full all the same.</summary>
        public static string Free(string path, Map details)
        {
            try
            {
                Space space = SpaceAt(path);
                details["free_bytes"] = space.FreeBytes;
                return space.Volume + " has " + space.FreeBytes + " bytes free";
            }
            catch (Exception error)
            {
                return "how much is free is not known (" + Failure.From(error, path).Message.TrimEnd('.') + ")";
            }
        }

        /// <summary>The space of the volume on which the path lies, or will lie: Windows tells it of folders only.
        /// </summary>
        public static Space SpaceAt(string path)
        {
            string folder = path;
            while (!Directory.Exists(Seams.Current.RealPath(Paths.Long(folder))) && Paths.Parent(folder) != null)
                folder = Paths.Parent(folder);
            return Seams.Current.FreeSpace(folder);
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
