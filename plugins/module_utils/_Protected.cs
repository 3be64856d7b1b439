// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Entry;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using System.Linq;
using System.Text.RegularExpressions;

namespace ansible_collections.comindware.platform.plugins.module_utils._Protected
{
    /// <summary>Folders that only administrators and the system can touch: what lies there is run as the system.
    /// </summary>
    public static class Protected
    {
        private const string Sddl = "O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)";

        // The service TrustedInstaller, which owns the folders of Windows itself; DA and LA are the administrators of
        // the domain and of the host, who own what they made without the group.
        private const string TrustedOwner = "^O:(BA|SY|DA|LA|S-1-5-80-956008885-3418522649-1831038044-1853292631-"
            + "2271478464)(G:|D:|$)";

        /// <summary>Creates the folder and those above it that are missing, or refuses one that is not safe.</summary>
        public static void Ensure(string path)
        {
            if (Disk.Find(path) == null)
            {
                EnsureAbove(path);
                Create(path);
            }
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
            if (!Regex.IsMatch(Disk.ReadSecurity(above), TrustedOwner))
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
