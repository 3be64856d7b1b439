// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Value;
using System;
using System.Globalization;
using System.Linq;
using System.Text;

namespace ansible_collections.comindware.platform.plugins.module_utils._Spelling
{
    /// <summary>A value as it was found in a file: what it means, and how it is written there.</summary>
    public class Spelling
    {
        public string Text;
        public string Raw;
        public string Place;
        public Style Style;
        public int Column;
        public bool IsWhole;
        public bool IsUsed;

        /// <summary>How a meaning is written where a token stands; null if it cannot be written there. `whole`: nothing else
        /// is in that value. `column`: where the token begins in its line. `line`: the line end of the file.</summary>
        public static string Write(string text, Style style, bool whole, int column, string line)
        {
            bool oneLine = text.IndexOfAny(new char[] { '\r', '\n' }) < 0;
            switch (style)
            {
                case Style.Json:
                    return Escaped(text, false);
                case Style.Double:
                    return Escaped(text, true);
                case Style.Single:
                    return oneLine ? text.Replace("'", "''") : null;
                case Style.Plain:
                    if (!whole || IsPlain(text))
                        return oneLine ? text : null;
                    return oneLine && !text.Any(Char.IsControl) ? "'" + text.Replace("'", "''") + "'"
                        : "\"" + Escaped(text, true) + "\"";
                case Style.Block:
                    return text.Replace("\n", line + new String(' ', column));
                case Style.Attribute:
                case Style.AttributeSingle:
                case Style.Element:
                    return Entities(text, style);
                case Style.Cdata:
                    return text.Replace("]]>", "]]]]><![CDATA[>");
                default:
                    return oneLine ? text : null;
            }
        }

        /// <summary>A word that YAML reads as the same text.</summary>
        private static bool IsPlain(string text)
        {
            string[] others = { "true", "false", "yes", "no", "on", "off", "null", "y", "n" };
            return text.Length > 0 && Char.IsLetter(text[0]) && !others.Contains(text.ToLowerInvariant())
                && text.All(letter => Char.IsLetterOrDigit(letter) || letter == '_' || letter == '-' || letter == '.');
        }

        private static string Escaped(string text, bool yaml)
        {
            StringBuilder escaped = new StringBuilder();
            foreach (char letter in text)
            {
                int known = "\"\\\n\r\t".IndexOf(letter);
                if (known >= 0)
                    escaped.Append('\\').Append("\"\\nrt"[known]);
                else if (letter < ' ' || letter == '\u007F' || (yaml && (letter == '\u0085' || letter == '\u2028' || letter == '\u2029')))
                    escaped.Append("\\u").Append(((int)letter).ToString("x4", CultureInfo.InvariantCulture));
                else
                    escaped.Append(letter);
            }
            return escaped.ToString();
        }

        private static string Entities(string text, Style style)
        {
            text = text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");
            if (style == Style.Element)
                return text;
            text = text.Replace("\r", "&#13;").Replace("\n", "&#10;").Replace("\t", "&#9;");
            return style == Style.Attribute ? text.Replace("\"", "&quot;") : text.Replace("'", "&apos;");
        }
    }
}
