// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._BlockScanner;
using ansible_collections.comindware.platform.plugins.module_utils._FlowScanner;
using ansible_collections.comindware.platform.plugins.module_utils._Quoted;
using ansible_collections.comindware.platform.plugins.module_utils._Value;
using System;
using System.Collections.Generic;

namespace ansible_collections.comindware.platform.plugins.module_utils._FlatScanner
{
    /// <summary>The values of a text of directives, which is YAML as far as it is well formed: `dotted.name: value`, with
    /// lists, mappings and scalars of every kind, and directives that are commented out.</summary>
    public class FlatScanner
    {
        private readonly string text;
        private readonly List<Value> found = new List<Value>();
        private readonly HashSet<string> anchors = new HashSet<string>();
        private readonly HashSet<string> aliases = new HashSet<string>();
        private Level level;

        private FlatScanner(string text)
        {
            this.text = text;
            for (int at = text.IndexOf('*'); at >= 0; at = text.IndexOf('*', at + 1))
            {
                int end = text.IndexOfAny(new char[] { ' ', '\t', '\r', '\n', ',', ']', '}', '*' }, at + 1);
                aliases.Add(text.Substring(at + 1, (end < 0 ? text.Length : end) - at - 1));
            }
        }

        public static List<Value> Scan(string text)
        {
            FlatScanner scanner = new FlatScanner(text);
            for (int at = 0; at < text.Length;)
                at = scanner.Line(at);
            return scanner.found;
        }

        private int EndOfLine(int at)
        {
            int end = text.IndexOfAny(new char[] { '\r', '\n' }, at);
            return end < 0 ? text.Length : end;
        }

        /// <summary>Where the next line begins.</summary>
        private int Next(int at)
        {
            int end = EndOfLine(at);
            if (end < text.Length && text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n')
                end++;
            return Math.Min(text.Length, end + 1);
        }

        private int Blanks(int at)
        {
            while (at < text.Length && (text[at] == ' ' || text[at] == '\t'))
                at++;
            return at;
        }

        private bool IsEnd(int at)
        {
            return at == text.Length || text[at] == '\r' || text[at] == '\n';
        }

        private bool IsBlankOrEnd(int at)
        {
            return IsEnd(at) || text[at] == ' ' || text[at] == '\t';
        }

        /// <summary>One line with what belongs to it; where the next one begins.</summary>
        private int Line(int start)
        {
            int at = Blanks(start);
            if (IsEnd(at))
                return Next(at);
            if (text[at] == '#')
                return Comment(at, at - start);
            if (at == start && (Marks("---", at) || Marks("...", at)))
            {
                level = null;
                at = Blanks(at + 3);
                return IsEnd(at) ? Next(at) : Scalar(at, -1);
            }
            return Node(at, at - start);
        }

        private bool Marks(string mark, int at)
        {
            return String.CompareOrdinal(text, at, mark, 0, 3) == 0 && IsBlankOrEnd(at + 3);
        }

        private void Leave(int column, bool isItem)
        {
            while (level != null && (level.Column > column || (level.Column == column && (!isItem || level.IsItem))))
                level = level.Above;
        }

        /// <summary>List marks and names, then a value.</summary>
        private int Node(int at, int column)
        {
            if ((text[at] == '?' || text[at] == ':') && IsBlankOrEnd(at + 1))
                return Explicit(at, column);
            while (text[at] == '-' && IsBlankOrEnd(at + 1))
            {
                Leave(column, true);
                level = new Level(level, null, column) { IsItem = true };
                int next = Blanks(at + 1);
                if (IsEnd(next))
                    return Next(next);
                column += next - at;
                at = next;
                if (text[at] == '#')
                    return Comment(at, column);
            }
            int behind;
            string name = Name(at, out behind);
            if (name == null)
            {
                // The column of what is above decides; the value is no deeper than its own beginning.
                while (level != null && level.Column >= column)
                    level = level.Above;
                return Scalar(at, column - 1);
            }
            Leave(column, false);
            if (name.Length == 0)
                Add(Style.Plain, at, behind - 1);
            level = new Level(level, name, column);
            at = Blanks(behind);
            return IsEnd(at) ? Next(at) : Scalar(at, column);
        }

        /// <summary>`? name` and, in a line of its own, `: value`.</summary>
        private int Explicit(int at, int column)
        {
            bool isName = text[at] == '?';
            while (level != null && (level.Column > column || (isName && level.Column == column)))
                level = level.Above;
            at = Blanks(at + 1);
            if (!isName)
                return IsEnd(at) ? Next(at) : Scalar(at, column);
            int end = EndOfPlain(at);
            level = new Level(level, text.Substring(at, end - at).Trim('"', '\''), column);
            return Rest(end);
        }

        /// <summary>A name that a colon ends, and the place behind that; or null. Empty for one that looks like no name of a
        /// directive: YAML takes it for one, and it may be half of a password.</summary>
        private string Name(int at, out int behind)
        {
            int start = at;
            behind = at;
            string name;
            if (text[at] == '"' || text[at] == '\'')
            {
                Value quoted = Quoted.Read(text, at, EndOfLine(at), -1, level);
                if (quoted == null)
                    return null;
                name = quoted.Text;
                at = Blanks(quoted.Start + quoted.Length + 1);
            }
            else
            {
                bool odd = false;
                for (; !IsEnd(at) && !(text[at] == ':' && IsBlankOrEnd(at + 1)); at++)
                {
                    odd = odd || !IsOfName(text[at]);
                    if (odd && (!Char.IsLetterOrDigit(text[start]) || text[at] == '#'))
                        return null;
                }
                name = odd ? "" : text.Substring(start, at - start).Trim();
                if (!odd && name.Length == 0)
                    return null;
            }
            if (at == text.Length || text[at] != ':' || !IsBlankOrEnd(at + 1))
                return null;
            behind = at + 1;
            return name;
        }

        private static bool IsOfName(char letter)
        {
            return Char.IsLetterOrDigit(letter) || "_-.:/\\ $*~+()<>%^".IndexOf(letter) >= 0;
        }

        /// <summary>A value behind a name or a list mark. `above`: the column of that; what is deeper belongs to the value.
        /// </summary>
        private int Scalar(int at, int above)
        {
            int start = at;
            while (IsProperty(at))
            {
                int word = at;
                while (!IsBlankOrEnd(at))
                    at++;
                if (text[word] == '&')
                    anchors.Add(text.Substring(word + 1, at - word - 1));
                at = Blanks(at);
            }
            if (IsEnd(at) || (text[at] == '#' && at > start))
                return Bare(start, at);
            if (text[at] == '#')
                return Comment(at, above + 1);
            if (text[at] == '*' && anchors.Contains(text.Substring(at + 1, EndOfPlain(at) - at - 1)))
                return Rest(EndOfPlain(at));
            int end = -1;
            if (text[at] == '|' || text[at] == '>')
                end = Block(at, above);
            else if (text[at] == '{' || text[at] == '[')
                end = Flow(at);
            else if (text[at] == '"' || text[at] == '\'')
                end = InQuotes(at, above);
            return end < 0 ? Plain(at, above) : end;
        }

        /// <summary>An anchor that is used, or a tag of YAML itself. Others are taken for a part of the value: it may be a
        /// password.</summary>
        private bool IsProperty(int at)
        {
            if (IsEnd(at) || (text[at] != '&' && !(text[at] == '!' && !IsEnd(at + 1) && text[at + 1] == '!')))
                return false;
            int end = at;
            while (!IsBlankOrEnd(end))
                end++;
            return text[at] == '!' || aliases.Contains(text.Substring(at + 1, end - at - 1));
        }

        /// <summary>Anchors and tags with nothing behind them: a value that only looks like one, or a node that follows.
        /// </summary>
        private int Bare(int start, int at)
        {
            int next = Next(at);
            int first = Blanks(next);
            bool follows = first < text.Length && !IsEnd(first) && (level == null || first - next > level.Column
                || (first - next == level.Column && text[first] == '-'));
            if (!follows)
                Add(Style.Plain, start, EndOfPlain(start));
            return Rest(at);
        }

        private void Add(Style style, int start, int end)
        {
            while (end > start && (text[end - 1] == ' ' || text[end - 1] == '\t'))
                end--;
            if (end > start)
                Keep(new Value(level, style, start, end - start, text.Substring(start, end - start)));
        }

        private void Keep(Value value)
        {
            found.Add(value);
            // - name: password
            //   value: x
            if (level != null && level.Above != null && level.Above.IsItem && Level.IsLabel(level.Name))
                level.Above.Label = value.Text;
        }

        /// <summary>The end of a plain value in its line: before the blanks of a comment.</summary>
        private int EndOfPlain(int at)
        {
            int start = at;
            while (!IsEnd(at) && !(text[at] == '#' && at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t')))
                at++;
            while (at > start && (text[at - 1] == ' ' || text[at - 1] == '\t'))
                at--;
            return at;
        }

        /// <summary>A comment behind a value; where the next line begins.</summary>
        private int Rest(int at)
        {
            at = Blanks(at);
            return IsEnd(at) ? Next(at) : Comment(at, level == null ? 0 : level.Column + 1);
        }

        private int Plain(int at, int above)
        {
            Meaning meaning = new Meaning();
            int start = at;
            int end = EndOfPlain(at);
            for (int place = at; place < end; place++)
                meaning.Add(text[place], place);
            int next = Next(end);
            while (IsEnd(Blanks(end)) && Continues(next, above))
            {
                meaning.Add(' ', end);
                at = Blanks(next);
                end = EndOfPlain(at);
                for (int place = at; place < end; place++)
                    meaning.Add(text[place], place);
                next = Next(end);
            }
            Keep(meaning.Value(level, Style.Plain, start, end));
            return Rest(end);
        }

        /// <summary>Does the line go on with the plain value of the line before?</summary>
        private bool Continues(int line, int above)
        {
            int at = Blanks(line);
            int behind;
            return line < text.Length && !IsEnd(at) && text[at] != '#' && at - line > above
                && !(text[at] == '-' && IsBlankOrEnd(at + 1)) && Name(at, out behind) == null;
        }

        private int InQuotes(int at, int above)
        {
            Value value = Quoted.Read(text, at, text.Length, above, level);
            if (value == null)
                return -1;
            int end = value.Start + value.Length + 1;
            int rest = Blanks(end);
            if (!IsEnd(rest) && !(text[rest] == '#' && rest > end))
                return -1;
            if (value.Length > 0)
                Keep(value);
            return Rest(end);
        }

        /// <summary>A literal or folded value; -1 if the mark does not begin one.</summary>
        private int Block(int at, int above)
        {
            int rest = at + 1;
            int indent = 0;
            while (!IsEnd(rest) && (text[rest] == '+' || text[rest] == '-' || (text[rest] >= '1' && text[rest] <= '9')))
            {
                if (Char.IsDigit(text[rest]))
                    indent = above + text[rest] - '0';
                rest++;
            }
            int comment = Blanks(rest);
            if (!IsEnd(comment) && (text[comment] != '#' || comment == rest))
                return -1;
            if (!IsEnd(comment))
                Comment(comment, above + 1);
            BlockScanner block = new BlockScanner(text, Next(comment), above, indent, text[at] == '>');
            Value value = block.Value(level);
            if (value != null)
                Keep(value);
            return block.End;
        }

        private int Flow(int at)
        {
            FlowScanner flow = new FlowScanner(text, at, anchors);
            if (!flow.Reads(level))
                return -1;
            int rest = Blanks(flow.End);
            if (!IsEnd(rest) && !(text[rest] == '#' && rest > flow.End))
                return -1;
            found.AddRange(flow.Found);
            return Rest(flow.End);
        }

        /// <summary>A comment is one value, or a directive that is commented out.</summary>
        private int Comment(int at, int column)
        {
            int end = EndOfLine(at);
            int start = at;
            while (start < end && (text[start] == '#' || text[start] == ' ' || text[start] == '\t'))
                start++;
            Level kept = level;
            level = new Level(Above(start - at + column), "#", column);
            int behind = 0;
            int name = start < end && text[start] == '-' && IsBlankOrEnd(start + 1) ? Blanks(start + 1) : start;
            string directive = name < end ? Name(name, out behind) : null;
            if (!String.IsNullOrEmpty(directive) && directive.IndexOf(' ') < 0)
            {
                level = new Level(level, directive, column);
                start = Blanks(behind);
                Value quoted = start < end && (text[start] == '"' || text[start] == '\'') ? Quoted.Read(text, start, end, -1, level) : null;
                if (quoted != null && Blanks(quoted.Start + quoted.Length + 1) == end)
                {
                    start = end;
                    if (quoted.Length > 0)
                        found.Add(quoted);
                }
            }
            Add(Style.Comment, start, end);
            level = kept;
            return Next(end);
        }

        /// <summary>What is above a comment: every name that is open there.</summary>
        private Level Above(int column)
        {
            Level above = level;
            while (above != null && above.Column >= column)
                above = above.Above;
            return above;
        }
    }
}
