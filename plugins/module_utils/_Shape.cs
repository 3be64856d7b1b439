// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._Shape
{
    /// <summary>Values that cannot be a secret, whatever they belong to: switches, short numbers, versions, times, paths,
    /// addresses without a user, a query or a token. No regular expressions: a value may be long and hostile.</summary>
    public static class Shape
    {
        private const int MostDigits = 12;
        private static readonly string[] Words = { "true", "false", "yes", "no", "on", "off", "null", "none", "~" };
        private static readonly string[] Units = { "b", "k", "kb", "m", "mb", "g", "gb", "t", "tb", "ms", "s", "h", "d", "%", "l" };
        private static readonly string[] Extensions = { "config", "yml", "yaml", "json", "xml", "log", "txt", "dll", "exe", "ini",
            "socket", "properties", "xsd", "html", "aspx", "asax", "ico", "ps1" };
        private static readonly string[] Domains = { "com", "org", "net", "ru", "local", "lan", "corp", "internal", "io", "test" };

        public static bool IsHarmless(string text)
        {
            text = text.Trim();
            if (text.Length == 0 || Words.Contains(text.ToLowerInvariant()))
                return true;
            if (text.Length <= 3 && !text.Any(Char.IsLetterOrDigit))
                return true;
            return IsNumber(text) || IsLanguage(text) || IsPath(text) || text.Split(',', ';').All(IsAddress)
                || IsRepeated(text);
        }

        /// <summary>A line between two parts of a file.</summary>
        private static bool IsRepeated(string text)
        {
            return !Char.IsLetterOrDigit(text[0]) && text.All(letter => letter == text[0]);
        }

        /// <summary>Numbers, lists of them, versions, dates, times, `16g`, and products such as `#{3L * 1024}`.</summary>
        private static bool IsNumber(string text)
        {
            if (text.StartsWith("#{", StringComparison.Ordinal) && text.EndsWith("}", StringComparison.Ordinal))
                return text.Substring(2, text.Length - 3).Split('*').All(factor => IsNumber(factor.Trim() + " "));
            string number = text.TrimEnd();
            int end = number.Length;
            while (end > 0 && (Char.IsLetter(number[end - 1]) || number[end - 1] == '%'))
                end--;
            string unit = number.Substring(end).ToLowerInvariant();
            number = number.Substring(0, end).TrimEnd();
            return number.Length > 0 && (unit.Length == 0 || Units.Contains(unit)) && IsDigit(number[number.Length - 1])
                && number.Count(IsDigit) <= MostDigits && number.All(one => IsDigit(one) || ".:, +-/".IndexOf(one) >= 0);
        }

        private static bool IsDigit(char letter)
        {
            return letter >= '0' && letter <= '9';
        }

        /// <summary>`en-US`.</summary>
        private static bool IsLanguage(string text)
        {
            return text.Length == 5 && text[2] == '-' && IsSmall(text.Substring(0, 2)) && text[3] >= 'A' && text[3] <= 'Z'
                && text[4] >= 'A' && text[4] <= 'Z';
        }

        private static bool IsSmall(string text)
        {
            return text.Length > 0 && text.All(letter => letter >= 'a' && letter <= 'z');
        }

        private static bool IsPath(string text)
        {
            if (text.IndexOfAny(new char[] { '"', '<', '>', '|', '?', '*', '\r', '\n', '@', '=', ';' }) >= 0)
                return false;
            bool rooted = text.Length > 2 && Char.IsLetter(text[0]) && text[1] == ':' && (text[2] == '\\' || text[2] == '/');
            if (rooted || text.StartsWith(@"\\", StringComparison.Ordinal))
                return text.Length > 3 && text.IndexOf(':', 2) < 0;
            // It may be the end of a name.
            if (text.IndexOf(':') >= 0)
                return false;
            string[] parts = text.Split('\\', '/');
            bool variable = IsVariable(parts[0]);
            bool unix = parts.Length > 2 && parts[0].Length == 0;
            string[] name = parts[parts.Length - 1].Split('.');
            bool file = name.Length > 1 && Extensions.Contains(name[name.Length - 1].ToLowerInvariant());
            return (variable || unix || file) && (variable && parts.Length > 1 ? parts.Skip(1) : parts.Skip(unix ? 1 : 0))
                .All(part => IsName(part) || IsVariable(part) || part.Length == 0 && !file);
        }

        /// <summary>`%ProgramData%`, `${basedir}`, `~`.</summary>
        private static bool IsVariable(string part)
        {
            string inside = part.StartsWith("${", StringComparison.Ordinal) && part.EndsWith("}", StringComparison.Ordinal)
                ? part.Substring(2, part.Length - 3) : part.Length > 2 ? part.Substring(1, part.Length - 2) : "";
            bool marked = part.Length > 2 && (part[0] == '$' || (part[0] == '%' && part[part.Length - 1] == '%'));
            return part == "~" || (marked && inside.Length > 0 && inside.All(Char.IsLetter));
        }

        /// <summary>A word that somebody has chosen for a thing, not one that was drawn by lot.</summary>
        public static bool IsName(string text)
        {
            if (text.Length == 0 || text.Length > 80 || !text.All(letter => Char.IsLetterOrDigit(letter)
                || "._-+$%{}:*/\\ ()".IndexOf(letter) >= 0))
                return false;
            return text.Split('.', '_', '-', '/', '\\', ' ', ':').All(word => word.Length <= 40 && Changes(word) <= 2);
        }

        /// <summary>How often letters and digits take turns.</summary>
        private static int Changes(string word)
        {
            int changes = 0;
            for (int at = 1; at < word.Length; at++)
            {
                if (Char.IsDigit(word[at]) != Char.IsDigit(word[at - 1]))
                    changes++;
            }
            return changes;
        }

        /// <summary>`scheme://host:port/path` or `host:port`, and no more than that.</summary>
        public static bool IsAddress(string text)
        {
            text = text.Trim();
            int mark = text.IndexOf("://", StringComparison.Ordinal);
            if (mark >= 0 && !(mark > 1 && IsSmall(text.Substring(0, mark))))
                return false;
            string[] parts = (mark < 0 ? text : text.Substring(mark + 3)).Split('/');
            if (mark < 0 && parts.Length > 1)
                return false;
            string host = parts[0];
            int colon = host.LastIndexOf(':');
            bool port = colon > 0 && colon < host.Length - 1 && host.Length - colon <= 6 && host.Skip(colon + 1).All(IsDigit);
            if (port)
                host = host.Substring(0, colon);
            return IsHost(host, mark >= 0, port) && parts.Skip(1).All(part => part.Length == 0 || (IsSmall(part) && part.Length <= 16));
        }

        private static bool IsHost(string host, bool scheme, bool port)
        {
            string[] labels = host.ToLowerInvariant().Split('.');
            if (!labels.All(label => label.Length > 0 && label.Length <= 30 && Changes(label) <= 2
                && label.All(letter => (letter >= 'a' && letter <= 'z') || IsDigit(letter) || letter == '-' || letter == '_')))
                return false;
            if (host == "localhost" || scheme || (labels.Length == 4 && labels.All(label => label.Length <= 3 && label.All(IsDigit))))
                return true;
            // A word with a dot may be a password; with a port or a known end it is a host.
            return labels.Length > 1 && IsSmall(labels[labels.Length - 1]) && host == host.ToLowerInvariant()
                && (port || Domains.Contains(labels[labels.Length - 1]));
        }
    }
}
