// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections;
using System.Collections.Generic;
using System.Text.RegularExpressions;

namespace ansible_collections.comindware.platform.plugins.module_utils._Paths
{
    /// <summary>Windows paths as text. System.IO.Path is not used: its idea of a separator is that of the
    /// system it runs on.</summary>
    public static class Paths
    {
        private const string LongPrefix = @"\\?\";
        // Directories are refused from 248 characters on; a file name of the 8.3 form must still fit.
        private const int LongFrom = 240;

        public static bool IsRooted(string path)
        {
            // `\\?\` and `\\.\` open the names of devices.
            return Regex.IsMatch(path, @"^([A-Za-z]:\\|\\\\(?![?.]\\)[^\\?]+\\[^\\]+)");
        }

        /// <summary>One spelling of a path: backslashes, no `.` and `..`, none at the end but after a root.</summary>
        public static string Normalise(string path)
        {
            path = path.Trim().Replace('/', '\\');
            if (path.StartsWith(LongPrefix + @"UNC\", StringComparison.OrdinalIgnoreCase))
                path = @"\\" + path.Substring(8);
            else if (path.StartsWith(LongPrefix, StringComparison.Ordinal))
                path = path.Substring(LongPrefix.Length);
            if (!IsRooted(path))
                return path;
            string root = Root(path);
            List<string> parts = new List<string>();
            foreach (string part in path.Substring(Math.Min(root.Length, path.Length)).Split('\\'))
            {
                if (part == ".." && parts.Count > 0)
                    parts.RemoveAt(parts.Count - 1);
                else if (part.Length > 0 && part != "." && part != "..")
                    parts.Add(part);
            }
            return parts.Count == 0 ? root : Combine(root, String.Join(@"\", parts));
        }

        /// <summary>`C:\` or `\\server\share` of a rooted path.</summary>
        public static string Root(string path)
        {
            if (!path.StartsWith(@"\\", StringComparison.Ordinal))
                return path.Substring(0, 1).ToUpperInvariant() + @":\";
            string[] parts = path.Substring(2).Split('\\');
            return @"\\" + parts[0] + @"\" + parts[1];
        }

        public static string Combine(string parent, string child)
        {
            return parent.TrimEnd('\\') + @"\" + child.TrimStart('\\');
        }

        /// <summary>The folder above, or null above a root.</summary>
        public static string Parent(string path)
        {
            string root = Root(path);
            if (path.Length <= root.Length)
                return null;
            string parent = path.Substring(0, path.LastIndexOf('\\'));
            return parent.Length < root.Length ? root : parent;
        }

        public static string Name(string path)
        {
            return path.Substring(path.LastIndexOf('\\') + 1);
        }

        public static bool Same(string a, string b)
        {
            return String.Equals(Normalise(a), Normalise(b), StringComparison.OrdinalIgnoreCase);
        }

        /// <summary>Is `path` the folder itself or below it?</summary>
        public static bool IsWithin(string path, string folder)
        {
            return Same(path, folder)
                || path.StartsWith(folder.TrimEnd('\\') + @"\", StringComparison.OrdinalIgnoreCase);
        }

        /// <summary>The path with the prefix that lifts the limit of 260 characters, if it is near it.</summary>
        public static string Long(string path)
        {
            if (path.Length < LongFrom || path.StartsWith(LongPrefix, StringComparison.Ordinal))
                return path;
            return path.StartsWith(@"\\", StringComparison.Ordinal)
                ? LongPrefix + @"UNC\" + path.Substring(2)
                : LongPrefix + path;
        }

        /// <summary>`%NAME%` replaced from this process's environment, names without case; unknown ones stay.</summary>
        public static string Expand(string text)
        {
            return Regex.Replace(text, "%([^%]+)%", match => Variable(match.Groups[1].Value) ?? match.Value);
        }

        private static string Variable(string name)
        {
            foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
            {
                if (String.Equals((string)entry.Key, name, StringComparison.OrdinalIgnoreCase))
                    return (string)entry.Value;
            }
            return null;
        }

        public static bool HasWildcard(string text)
        {
            return text.IndexOfAny(new char[] { '*', '?' }) >= 0;
        }

        public static bool Matches(string name, string glob)
        {
            string pattern = "^" + Regex.Escape(glob).Replace(@"\*", ".*").Replace(@"\?", ".") + "$";
            return Regex.IsMatch(name, pattern,
                RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline);
        }

        public static bool MatchesAny(string name, ICollection<string> globs)
        {
            if (globs.Count == 0)
                return true;
            foreach (string glob in globs)
            {
                if (Matches(name, glob))
                    return true;
            }
            return false;
        }
    }
}
