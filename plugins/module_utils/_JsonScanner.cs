// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Value;
using System;
using System.Collections.Generic;
using System.Globalization;

namespace ansible_collections.comindware.platform.plugins.module_utils._JsonScanner
{
    /// <summary>The values of a JSON text, with the comments and trailing commas that .NET lets pass. What is no JSON is
    /// found too: as values of which nothing is known.</summary>
    public class JsonScanner
    {
        private readonly string text;
        private readonly List<Value> found = new List<Value>();
        private int at;

        private JsonScanner(string text)
        {
            this.text = text;
        }

        public static List<Value> Scan(string text)
        {
            JsonScanner scanner = new JsonScanner(text);
            while (scanner.at < text.Length)
                scanner.Element(null, null);
            return scanner.found;
        }

        /// <summary>One value, whatever it is, and at least one character. `holder`: the object that it is a member of.
        /// </summary>
        private void Element(Level level, Level holder)
        {
            Skip(level);
            if (at == text.Length)
                return;
            char first = text[at];
            if (first == '{' || first == '[')
                Container(level, first == '{');
            else if (first == '"' || first == '\'')
                Keep(Quoted(level), holder);
            else if ("}],:".IndexOf(first) >= 0)
                at++;
            else
                Keep(Bare(level), holder);
        }

        private void Keep(Value value, Level holder)
        {
            found.Add(value);
            if (holder != null && holder.Above != null && Level.IsLabel(value.Level.Name))
                holder.Label = value.Text;
        }

        private void Container(Level level, bool isObject)
        {
            char end = text[at++] == '{' ? '}' : ']';
            Level inside = new Level(level, null, 0);
            while (true)
            {
                Skip(inside);
                if (at == text.Length)
                    return;
                if (text[at] == end)
                {
                    at++;
                    return;
                }
                if (text[at] == ',')
                    at++;
                else if (isObject)
                    Member(inside);
                else
                    Element(inside, null);
            }
        }

        private void Member(Level holder)
        {
            string name = Name();
            if (name == null)
                Element(holder, null);
            else
                Element(new Level(holder, name, 0), holder);
        }

        /// <summary>The name of a member with its colon, or null with nothing taken.</summary>
        private string Name()
        {
            int start = at;
            Value name = text[at] == '"' || text[at] == '\'' ? Quoted(null) : "{}[]:,".IndexOf(text[at]) < 0 ? Bare(null) : null;
            if (name != null)
            {
                Skip(null);
                if (at < text.Length && text[at] == ':')
                {
                    at++;
                    return name.Text;
                }
            }
            at = start;
            return null;
        }

        private Value Quoted(Level level)
        {
            char quote = text[at++];
            int start = at;
            Meaning meaning = new Meaning();
            while (at < text.Length && text[at] != quote)
            {
                int place = at;
                meaning.Add(text[at] == '\\' && at + 1 < text.Length ? Escaped() : text[at++], place);
            }
            Value value = meaning.Value(level, Style.Json, start, at);
            if (at < text.Length)
                at++;
            return value;
        }

        private char Escaped()
        {
            char kind = text[at + 1];
            int code;
            if (kind == 'u' && at + 6 <= text.Length && Int32.TryParse(text.Substring(at + 2, 4),
                NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out code))
            {
                at += 6;
                return (char)code;
            }
            at += 2;
            int known = "bfnrt".IndexOf(kind);
            return known < 0 ? kind : "\b\f\n\r\t"[known];
        }

        /// <summary>A number, a word, or what else stands there.</summary>
        private Value Bare(Level level)
        {
            int start = at;
            while (at < text.Length && "{}[],:\"\r\n".IndexOf(text[at]) < 0 && !IsComment())
                at++;
            if (at == start)
                at++;
            int end = at;
            while (end > start && Char.IsWhiteSpace(text[end - 1]))
                end--;
            return new Value(level, Style.JsonBare, start, end - start, text.Substring(start, end - start));
        }

        private bool IsComment()
        {
            return text[at] == '/' && at + 1 < text.Length && (text[at + 1] == '/' || text[at + 1] == '*');
        }

        /// <summary>Goes over blanks, and over comments, which are values.</summary>
        private void Skip(Level level)
        {
            while (at < text.Length && (Char.IsWhiteSpace(text[at]) || IsComment()))
            {
                if (Char.IsWhiteSpace(text[at]))
                {
                    at++;
                    continue;
                }
                bool line = text[at + 1] == '/';
                int end = line ? text.IndexOfAny(new char[] { '\r', '\n' }, at) : text.IndexOf("*/", at + 2, StringComparison.Ordinal);
                end = end < 0 ? text.Length : end;
                int start = at + 2;
                at = line ? end : Math.Min(text.Length, end + 2);
                while (start < end && Char.IsWhiteSpace(text[start]))
                    start++;
                while (end > start && Char.IsWhiteSpace(text[end - 1]))
                    end--;
                found.Add(new Value(new Level(level, "#", 0), Style.Comment, start, end - start, text.Substring(start, end - start)));
            }
        }
    }
}
