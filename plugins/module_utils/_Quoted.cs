// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Value;
using System;
using System.Globalization;

namespace ansible_collections.comindware.platform.plugins.module_utils._Quoted
{
    /// <summary>Values of YAML in single and double quotes.</summary>
    public static class Quoted
    {
        private const string Names = "0abtnvfre\"/\\N_LP ";
        private const string Meant = "\0\a\b\t\n\v\f\r\u001B\"/\\\u0085\u00A0\u2028\u2029 ";

        /// <summary>The value without its quotes, the first of which is at `at`; null if they are not closed before
        /// `limit`, or before a line that is no deeper than the column `above`.</summary>
        public static Value Read(string text, int at, int limit, int above, Level level)
        {
            char quote = text[at++];
            int start = at;
            Meaning meaning = new Meaning();
            while (at >= 0 && at < limit)
            {
                int place = at;
                bool escape = quote == '\'' ? text[at] == quote && at + 1 < limit && text[at + 1] == quote
                    : text[at] == '\\' && at + 1 < limit;
                if (escape && quote == '\'')
                {
                    meaning.Add(quote, place);
                    at += 2;
                }
                else if (escape)
                    at = Escape(text, at, above, meaning);
                else if (text[at] == quote)
                    return meaning.Value(level, quote == '"' ? Style.Double : Style.Single, start, at);
                else if (IsEnd(text, at))
                {
                    meaning.Trim();
                    at = Fold(text, at, above, meaning);
                }
                else
                    meaning.Add(text[at++], place);
            }
            return null;
        }

        private static bool IsEnd(string text, int at)
        {
            return text[at] == '\r' || text[at] == '\n';
        }

        /// <summary>Paths of Windows stand in quotes as well: a backslash before what is no escape is itself.</summary>
        private static int Escape(string text, int at, int above, Meaning meaning)
        {
            char kind = text[at + 1];
            if (IsEnd(text, at + 1))
                return Fold(text, at + 1, above, null);
            int digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
            int code;
            if (digits > 0 && at + 2 + digits <= text.Length && Int32.TryParse(text.Substring(at + 2, digits),
                NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out code) && code >= 0 && code <= 0x10FFFF)
            {
                meaning.Add(code > 0xFFFF ? Char.ConvertFromUtf32(code) : ((char)code).ToString(), at);
                return at + 2 + digits;
            }
            int known = Names.IndexOf(kind);
            meaning.Add(known < 0 ? '\\' : Meant[known], at);
            return known < 0 ? at + 1 : at + 2;
        }

        /// <summary>A line end: a blank, or as many line ends as lines are empty. The place behind it, or -1.</summary>
        private static int Fold(string text, int at, int above, Meaning meaning)
        {
            int place = at;
            int line = at;
            int lines = 0;
            while (at < text.Length && IsEnd(text, at))
            {
                line = text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n' ? at + 2 : at + 1;
                lines++;
                at = line;
                while (at < text.Length && (text[at] == ' ' || text[at] == '\t'))
                    at++;
            }
            if (at == text.Length || at - line <= above)
                return -1;
            if (meaning != null)
                meaning.Add(lines == 1 ? " " : new String('\n', lines - 1), place);
            return at;
        }
    }
}
