// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;

namespace ansible_collections.comindware.platform.plugins.module_utils._AccessList
{
    /// <summary>What an owner and access list, as SDDL text, let others than administrators do.</summary>
    public static class AccessList
    {
        // The service TrustedInstaller, which owns the folders of Windows itself; DA and LA are the administrators of
        // the domain and of the host, who own what they made without the group.
        private const string Administrators = "BA|SY|DA|LA|S-1-5-80-956008885-3418522649-1831038044-1853292631-"
            + "2271478464";
        private static readonly Regex Owner = new Regex("^O:(" + Administrators + ")(G:|D:|$)");
        // OW is the owner, whoever that is.
        private static readonly Regex Trusted = new Regex("^(" + Administrators + "|OW)$");

        // An entry: type, flags, rights, two GUIDs, whom it is for, and a condition perhaps.
        private static readonly Regex Entry = new Regex(
            @"\((?<type>[^;()]*);(?<flags>[^;()]*);(?<rights>[^;()]*);[^;()]*;[^;()]*;(?<who>[^;()]*)[;)]");

        // Reading and executing: FILE_GENERIC_READ, FILE_GENERIC_EXECUTE, GENERIC_READ, GENERIC_EXECUTE
        private const long Reading = 0xA01200A9;
        // DELETE, WRITE_DAC, WRITE_OWNER, FILE_DELETE_CHILD, GENERIC_ALL, MAXIMUM_ALLOWED
        private const long Replacing = 0x120D0040;
        private const long Everything = 0xFFFFFFFF;

        // https://learn.microsoft.com/windows/win32/secauthz/ace-strings; a file's rights can come in the words that
        // the directory service has for the same bits.
        private static readonly Dictionary<string, long> Words = new Dictionary<string, long>
        {
            { "GA", 0x10000000 }, { "GX", 0x20000000 }, { "GW", 0x40000000 }, { "GR", 0x80000000 },
            { "SD", 0x10000 }, { "RC", 0x20000 }, { "WD", 0x40000 }, { "WO", 0x80000 },
            { "FA", 0x1F01FF }, { "FR", 0x120089 }, { "FW", 0x120116 }, { "FX", 0x1200A0 },
            { "CC", 0x1 }, { "DC", 0x2 }, { "LC", 0x4 }, { "SW", 0x8 }, { "RP", 0x10 }, { "WP", 0x20 }, { "DT", 0x40 },
            { "LO", 0x80 }, { "CR", 0x100 },
        };

        public static bool IsOwnedByAdministrators(string sddl)
        {
            return Owner.IsMatch(sddl);
        }

        /// <summary>May others change it: the bytes of a file, the names in a folder, or the access list?</summary>
        public static bool LetsOthersWrite(string sddl)
        {
            return !IsOwnedByAdministrators(sddl) || (OfOthers(sddl) & ~Reading) != 0;
        }

        /// <summary>May others put something else in the place of this folder, or of what lies in it?</summary>
        public static bool LetsOthersReplace(string sddl)
        {
            return !IsOwnedByAdministrators(sddl) || (OfOthers(sddl) & Replacing) != 0;
        }

        /// <summary>What of an owner and access list is a path's own: what it inherits depends on the folder in which it
        /// lies.</summary>
        public static string Own(string sddl)
        {
            int list = sddl.IndexOf("D:", StringComparison.Ordinal);
            if (list < 0)
                return sddl;
            string head = sddl.Substring(list + 2).Split('(')[0];
            IEnumerable<string> own = Entries(sddl.Substring(list + 2)).Where(entry =>
                !Pairs(entry.Split(';').ElementAtOrDefault(1) ?? "").Contains("ID"));
            return sddl.Substring(0, list) + (head.Contains("P") ? "D:P" : "D:") + String.Concat(own);
        }

        /// <summary>The entries with their parentheses; that of a condition are part of its entry.</summary>
        private static IEnumerable<string> Entries(string list)
        {
            int depth = 0, start = 0;
            for (int at = 0; at < list.Length; at++)
            {
                if (list[at] == '(' && depth++ == 0)
                    start = at;
                else if (list[at] == ')' && --depth == 0)
                    yield return list.Substring(start, at - start + 1);
            }
        }

        /// <summary>All rights that somebody has who is no administrator. An entry to be inherited only (IO) counts
        /// where it has been inherited.</summary>
        private static long OfOthers(string sddl)
        {
            List<Match> entries = Entry.Matches(sddl).Cast<Match>().ToList();
            // No list at all (NO_ACCESS_CONTROL) lets everybody do everything; what cannot be read might.
            if (entries.Count == 0 || entries.Count != sddl.Count(c => c == '(')
                - Regex.Matches(sddl, @";\(").Count)
                return Everything;
            return entries.Where(entry => !entry.Groups["type"].Value.EndsWith("D", StringComparison.Ordinal)
                    && !Pairs(entry.Groups["flags"].Value).Contains("IO")
                    && !Trusted.IsMatch(entry.Groups["who"].Value))
                .Aggregate(0L, (all, entry) => all | Mask(entry.Groups["rights"].Value));
        }

        private static long Mask(string rights)
        {
            long mask;
            if (rights.StartsWith("0x", StringComparison.Ordinal))
                return Int64.TryParse(rights.Substring(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
                    out mask) ? mask : Everything;
            return Pairs(rights).Aggregate(0L,
                (all, word) => all | (Words.TryGetValue(word, out mask) ? mask : Everything));
        }

        /// <summary>Words of two letters each that stand without anything between them.</summary>
        private static IEnumerable<string> Pairs(string words)
        {
            return Regex.Matches(words, "..?").Cast<Match>().Select(match => match.Value);
        }
    }
}
