// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._AccessList;
using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Entry;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;

namespace ansible_collections.comindware.platform.plugins.module_utils._Protected
{
    /// <summary>Folders that only administrators and the system can touch: what lies there is run as the system.
    /// </summary>
    public static class Protected
    {
        private const string Sddl = "O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)";

        /// <summary>Creates the folder and those above it that are missing, or refuses one that is not safe. What was
        /// safe when it was made may have got another owner above it since.</summary>
        public static void Ensure(string path)
        {
            EnsureAbove(path);
            if (Disk.Find(path) == null)
                Create(path);
            if (Check(path) != true)
                throw new Failure("not_protected", "The folder '" + path + "' is a link, or others than Administrators "
                    + "and SYSTEM own it or may write to it. Somebody else may have made it: look at its content, "
                    + "delete it, and run this again.", new Map { { "path", path } });
        }

        /// <summary>Who owns a folder can rename what lies in it, however well that is protected: a folder above must
        /// belong to administrators, and one that is missing is created protected, as in %ProgramData% any user could
        /// be the first to make it. The root of a volume cannot be renamed, and is not looked at.</summary>
        private static void EnsureAbove(string path)
        {
            string above = Paths.Parent(path);
            if (above == null || Paths.Parent(above) == null)
                return;
            EnsureAbove(above);
            if (Disk.Find(above) == null)
                Create(above);
            if (Disk.ReadLink(above) != null)
                throw new Failure("not_protected", "The folder '" + above + "' is a link: whoever may change it could "
                    + "replace '" + path + "'. Choose the folder that it leads to.", new Map { { "path", above } });
            if (!AccessList.IsOwnedByAdministrators(Disk.ReadSecurity(above)))
                throw new Failure("not_protected", "The folder '" + above + "' does not belong to Administrators, so "
                    + "that its owner could replace '" + path + "'. Look who made it and what is in it; then give it "
                    + "to Administrators with: icacls \"" + above + "\" /setowner *S-1-5-32-544 - or choose another "
                    + "folder.", new Map { { "path", above } });
        }

        /// <summary>Creates a folder for administrators and the system only; one that is there is left alone.</summary>
        public static void Create(string path)
        {
            try
            {
                Disk.CreateSecuredDirectory(path, Sddl);
            }
            catch (Failure failure)
            {
                // 183 ERROR_ALREADY_EXISTS: another caller was faster. Whoever doubts it asks Check.
                if (Failure.NumberOf(failure) != 183)
                    throw;
            }
        }

        /// <summary>Refuses a program that others than administrators could change: its file, or what lies beside and
        /// below it (a file keeps its access list when it is moved), or that they could put another in its place.
        /// </summary>
        public static void RefuseOthers(string program)
        {
            string folder = Paths.Parent(program);
            string open = OpenToOthers(folder);
            if (open != null)
                throw new Failure("not_protected", "'" + program + "' would be run with the rights of the system, but "
                    + "others than administrators own '" + open + "' or may change it. Copy (do not move) the folder '"
                    + folder + "' to where only administrators may write, such as below %ProgramFiles%, give the copy "
                    + "to them with: icacls COPY /setowner *S-1-5-32-544 /T - and name the script there.",
                    new Map { { "path", open } });
        }

        /// <summary>The first path in, at or above the folder that others could use, or null. The root of a volume is
        /// one: everybody may make files there.</summary>
        private static string OpenToOthers(string folder)
        {
            if (Paths.Parent(folder) == null)
                return folder;
            IEnumerable<Entry> inside = Disk.Walk(folder).Where(entry => entry.Link == null);
            string open = new string[] { folder }.Concat(inside.Select(entry => entry.Path))
                .FirstOrDefault(path => AccessList.LetsOthersWrite(Disk.ReadSecurity(path)));
            for (string above = Paths.Parent(folder); open == null && Paths.Parent(above) != null;
                above = Paths.Parent(above))
            {
                if (AccessList.LetsOthersReplace(Disk.ReadSecurity(above)))
                    open = above;
            }
            return open;
        }

        /// <summary>True if the folder is safe, false if not, null if it is not there.</summary>
        public static bool? Check(string path)
        {
            Entry entry = Disk.Find(path);
            if (entry == null)
                return null;
            return entry.IsDirectory && IsSafe(Disk.ReadSecurity(path));
        }

        /// <summary>Owned by Administrators or SYSTEM, nothing inherited, and access for these two only.</summary>
        private static bool IsSafe(string sddl)
        {
            Match owner = Regex.Match(sddl, "^O:(BA|SY)(G:[^D]*)?D:(?<flags>[A-Z]*)");
            if (!owner.Success || !owner.Groups["flags"].Value.Contains("P"))
                return false;
            MatchCollection entries = Regex.Matches(sddl, @"\((?<type>[^;]*);[^)]*;(?<who>[^;)]*)\)");
            return entries.Count > 0 && entries.Cast<Match>().All(entry =>
                entry.Groups["type"].Value == "D" || Regex.IsMatch(entry.Groups["who"].Value, "^(BA|SY)$"));
        }
    }
}
