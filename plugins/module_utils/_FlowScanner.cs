// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Quoted;
using ansible_collections.comindware.platform.plugins.module_utils._Value;
using System;
using System.Collections.Generic;

namespace ansible_collections.comindware.platform.plugins.module_utils._FlowScanner
{
    /// <summary>Lists and mappings of YAML in brackets, over however many lines.</summary>
    public class FlowScanner
    {
        private readonly string text;
        private readonly ICollection<string> anchors;
        private readonly List<Value> found = new List<Value>();
        private int at;

        public FlowScanner(string text, int at, ICollection<string> anchors)
        {
            this.text = text;
            this.at = at;
            this.anchors = anchors;
        }

        /// <summary>The place behind the last bracket.</summary>
        public int End
        {
            get { return at; }
        }

        public List<Value> Found
        {
            get { return found; }
        }

        /// <summary>False for what is no list and no mapping as a whole.</summary>
        public bool Reads(Level level)
        {
            char close = text[at++] == '{' ? '}' : ']';
            Level inside = new Level(level, null, 0) { IsItem = true };
            while (true)
            {
                Skip(inside);
                if (at == text.Length)
                    return false;
                if (text[at] == close)
                {
                    at++;
                    return true;
                }
                if (text[at] == ',')
                    at++;
                else if (!Entry(inside))
                    return false;
            }
        }

        /// <summary>A value, or a name with one; then a comma or the end must come.</summary>
        private bool Entry(Level inside)
        {
            Level named = inside;
            if (text[at] == '"' || text[at] == '\'' || IsPlain())
            {
                Value first = text[at] == '"' || text[at] == '\'' ? Take(inside) : Plain(inside);
                if (first == null)
                    return false;
                Skip(inside);
                if (at == text.Length || text[at] != ':')
                {
                    Keep(first, inside);
                    return Ends();
                }
                at++;
                named = new Level(inside, first.Text, 0);
                Skip(named);
                if (Ends())
                    return true;
            }
            return Node(named, inside) && Ends();
        }

        private bool Node(Level named, Level inside)
        {
            if (text[at] == '{' || text[at] == '[')
                return Reads(named);
            bool quoted = text[at] == '"' || text[at] == '\'';
            Value value = quoted ? Take(named) : IsPlain() ? Plain(named) : null;
            if (value == null)
                return false;
            if (!quoted && value.Text.Length > 1 && value.Text[0] == '*' && anchors.Contains(value.Text.Substring(1)))
                return true;
            Keep(value, inside);
            return true;
        }

        private void Keep(Value value, Level inside)
        {
            if (value.Length > 0)
                found.Add(value);
            if (value.Level != inside && Level.IsLabel(value.Level.Name))
                inside.Label = value.Text;
        }

        private bool Ends()
        {
            Skip(null);
            return at < text.Length && (text[at] == ',' || text[at] == '}' || text[at] == ']');
        }

        private Value Take(Level level)
        {
            Value value = Quoted.Read(text, at, text.Length, -1, level);
            if (value != null)
                at = value.Start + value.Length + 1;
            return value;
        }

        private bool IsPlain()
        {
            return "{}[],#:".IndexOf(text[at]) < 0 || (text[at] == ':' && !IsBlank(at + 1));
        }

        private bool IsBlank(int place)
        {
            return place >= text.Length || Char.IsWhiteSpace(text[place]);
        }

        private Value Plain(Level level)
        {
            int start = at;
            while (at < text.Length && "{}[],".IndexOf(text[at]) < 0 && !(text[at] == ':' && (IsBlank(at + 1)
                || "{}[],".IndexOf(text[at + 1]) >= 0)) && !(text[at] == '#' && IsBlank(at - 1)))
                at++;
            int end = at;
            while (end > start && Char.IsWhiteSpace(text[end - 1]))
                end--;
            return new Value(level, Style.Plain, start, end - start, text.Substring(start, end - start));
        }

        /// <summary>Goes over blanks, and over comments, which are values.</summary>
        private void Skip(Level level)
        {
            while (at < text.Length && (Char.IsWhiteSpace(text[at]) || (text[at] == '#' && IsBlank(at - 1))))
            {
                if (text[at] != '#')
                {
                    at++;
                    continue;
                }
                int start = at;
                int end = text.IndexOfAny(new char[] { '\r', '\n' }, at);
                at = end = end < 0 ? text.Length : end;
                while (start < end && (text[start] == '#' || Char.IsWhiteSpace(text[start])))
                    start++;
                while (end > start && Char.IsWhiteSpace(text[end - 1]))
                    end--;
                if (end > start)
                    found.Add(new Value(new Level(level, "#", 0), Style.Comment, start, end - start,
                        text.Substring(start, end - start)));
            }
        }
    }
}
