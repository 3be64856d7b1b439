// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using System;
using System.Collections.Generic;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._Holding
{
    /// <summary>Words for files that somebody has open.</summary>
    public static class Holding
    {
        public static Map Describe(Holder holder)
        {
            return new Map { { "pid", holder.Pid }, { "name", holder.Name } };
        }

        /// <summary>Who holds any of the files. A process that has gone between the two questions holds nothing.</summary>
        public static List<Holder> Of(IEnumerable<string> files)
        {
            List<Holder> holders = Seams.Current.Holders(files);
            foreach (Holder holder in holders)
                holder.Name = ProgramOf(holder.Pid);
            return holders.Where(holder => holder.Name != null).ToList();
        }

        /// <summary>The Restart Manager knows a title such as "IIS Worker Process"; an operator looks for the program.
        /// </summary>
        private static string ProgramOf(int pid)
        {
            try
            {
                return Seams.Current.ProgramOf(pid);
            }
            catch (ArgumentException)
            {
                return null;
            }
            catch (InvalidOperationException)
            {
                return null;
            }
        }

        /// <summary>The failure for a file or folder that somebody holds. That Windows cannot say who (the Restart
        /// Manager refuses folders with ERROR_ACCESS_DENIED) must not take its place.</summary>
        public static Failure By(string path)
        {
            try
            {
                return By(path, Of(new string[] { path }));
            }
            catch (Exception)
            {
                return By(path, new List<Holder>());
            }
        }

        /// <summary>The failure that names who holds a file.</summary>
        public static Failure By(string path, List<Holder> holders)
        {
            Dictionary<string, object> details = new Dictionary<string, object>();
            details["path"] = path;
            details["processes"] = holders.Select(holder => (object)Describe(holder)).ToList();
            string who = holders.Count == 0
                ? "a process that Windows does not name"
                : String.Join(", ", holders.Select(holder => holder.Name + " (process " + holder.Pid + ")").Distinct());
            return new Failure("file_held", "'" + path + "' is held by " + who
                + ". Close that program, or wait until it has ended, and try again.", details);
        }
    }
}
