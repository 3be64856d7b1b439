// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Shape;
using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace ansible_collections.comindware.platform.plugins.module_utils._Parts
{
    /// <summary>A part of a value that has a name of its own. `Certain`: it is a secret by its place, as the password in an
    /// address is. `Asked`: it is of the query of an address, which may hold a token under any name.</summary>
    public class Part
    {
        public int Start;
        public int Length;
        public string Name;
        public bool Certain;
        public bool Asked;
    }

    /// <summary>Finds what stands inside a value: users and queries of addresses, `name=value` of connection strings, options
    /// and JAAS lines, PEM blocks.</summary>
    public class Parts
    {
        private const string Begin = "-----BEGIN ";
        private const string End = "-----END ";
        private static readonly string[] Flags = { "required", "requisite", "sufficient", "optional" };
        private readonly string text;
        private readonly List<Part> found = new List<Part>();

        private Parts(string text)
        {
            this.text = text;
            Blocks();
            Addresses();
            Pairs(IsConnection(text));
        }

        /// <summary>The parts of a value that may be shown but for them, in their order; none overlaps another.</summary>
        public static List<Part> Of(string text)
        {
            List<Part> parts = new List<Part>();
            int end = 0;
            foreach (Part part in new Parts(text).found.Where(part => part.Length > 0).OrderBy(part => part.Start).ThenBy(part => -part.Length))
            {
                if (part.Start < end)
                    continue;
                parts.Add(part);
                end = part.Start + part.Length;
            }
            return parts;
        }

        /// <summary>Does the value have nothing in it but names and these parts of it?</summary>
        public static bool Cover(string text, List<Part> parts)
        {
            return IsConnection(text) || IsOneAddress(text) || IsJaas(text, parts);
        }

        private void Add(int start, int end, string name, bool certain, bool asked = false)
        {
            found.Add(new Part { Start = start, Length = end - start, Name = name, Certain = certain, Asked = asked });
        }

        private void Blocks()
        {
            for (int at = text.IndexOf(Begin, StringComparison.Ordinal); at >= 0;)
            {
                int last = text.IndexOf(End, at, StringComparison.Ordinal);
                int end = last < 0 ? -1 : text.IndexOf("-----", last + End.Length, StringComparison.Ordinal);
                end = end < 0 ? text.Length : end + 5;
                Add(at, end, "PEM", true);
                at = text.IndexOf(Begin, end, StringComparison.Ordinal);
            }
        }

        private void Addresses()
        {
            int mark = text.IndexOf("://", StringComparison.Ordinal);
            while (mark >= 0)
            {
                int start = mark + 3;
                mark = text.IndexOf("://", start, StringComparison.Ordinal);
                int end = text.IndexOfAny(new char[] { '\r', '\n' }, start);
                end = end < 0 ? text.Length : end;
                end = mark < 0 ? end : Math.Min(end, mark);
                int sign = end == start ? -1 : text.LastIndexOf('@', end - 1, end - start);
                if (sign >= 0)
                {
                    int colon = text.IndexOf(':', start, sign - start);
                    Add(start, colon < 0 ? sign : colon, "user", true);
                    if (colon >= 0)
                        Add(colon + 1, sign, "password", true);
                    start = sign;
                }
                Query(start, end);
            }
        }

        private void Query(int start, int end)
        {
            int question = text.IndexOf('?', start, end - start);
            int hash = text.IndexOf('#', start, end - start);
            if (hash >= 0)
                Add(hash + 1, end, "fragment", true);
            if (question < 0 || (hash >= 0 && hash < question))
                return;
            end = hash >= 0 ? hash : end;
            for (int at = question + 1; at < end;)
            {
                int next = text.IndexOfAny(new char[] { '&', ';' }, at, end - at);
                next = next < 0 ? end : next;
                int equals = text.IndexOf('=', at, next - at);
                Add(equals < 0 ? at : equals + 1, next, equals < 0 ? "query" : text.Substring(at, equals - at), equals < 0, true);
                at = next + 1;
            }
        }

        /// <summary>`name=value`, `name: value`, `--name value`. In a connection string a semicolon ends a value; elsewhere a blank may,
        /// if another name follows.</summary>
        private void Pairs(bool connection)
        {
            for (int at = 0; at < text.Length;)
            {
                int sign = NextSign(at, connection);
                if (sign < 0)
                    return;
                int name = sign;
                while (name > at && IsOfName(text[name - 1], connection))
                    name--;
                int start = sign + 1;
                while (start < text.Length && (text[start] == ' ' || text[start] == '\t'))
                    start++;
                string called = text.Substring(name, sign - name).Trim();
                at = start;
                if (called.Length == 0 && !connection)
                    continue;
                int end = EndOf(start, connection);
                Quoted(start, end, called);
                at = Math.Max(end, start);
            }
        }

        private void Quoted(int start, int end, string name)
        {
            bool quoted = end - start > 1 && (text[start] == '"' || text[start] == '\'') && text[end - 1] == text[start];
            Add(quoted ? start + 1 : start, quoted ? end - 1 : end, name, false);
        }

        private int NextSign(int at, bool connection)
        {
            for (; at < text.Length; at++)
            {
                if (text[at] == '=')
                    return at;
                if (connection || at == 0)
                    continue;
                if (text[at] == ':' && at + 1 < text.Length && (text[at + 1] == ' ' || text[at + 1] == '\t'))
                    return at;
                if ((text[at] == ' ' || text[at] == '\t') && IsOption(at) && at + 1 < text.Length && text[at + 1] != '-')
                    return at;
            }
            return -1;
        }

        /// <summary>Does a word that begins with a dash end here?</summary>
        private bool IsOption(int end)
        {
            int start = end;
            while (start > 0 && IsOfName(text[start - 1], false))
                start--;
            return end - start > 1 && text[start] == '-';
        }

        private static bool IsOfName(char letter, bool blanks)
        {
            return Char.IsLetterOrDigit(letter) || "_-.$".IndexOf(letter) >= 0 || (blanks && letter == ' ');
        }

        private int EndOf(int start, bool connection)
        {
            if (start < text.Length && (text[start] == '"' || text[start] == '\'' || (connection && text[start] == '{')))
            {
                char quote = text[start] == '{' ? '}' : text[start];
                for (int at = start + 1; at < text.Length; at++)
                {
                    if (text[at] == '\\' && !connection)
                        at++;
                    else if (text[at] == quote && at + 1 < text.Length && text[at + 1] == quote)
                        at++;
                    else if (text[at] == quote)
                    {
                        if (at + 1 == text.Length || " \t\r\n;&,".IndexOf(text[at + 1]) >= 0)
                            return at + 1;
                        break;
                    }
                }
            }
            int stop = start;
            while (stop < text.Length && !Ends(stop, connection))
                stop++;
            return stop;
        }

        private bool Ends(int at, bool connection)
        {
            char here = text[at];
            if (!connection && (here == '\r' || here == '\n'))
                return true;
            string marks = connection ? ";" : " \t;&";
            // Of several in a row the last one counts, so that a long row is looked at once.
            return marks.IndexOf(here) >= 0 && (at + 1 == text.Length || marks.IndexOf(text[at + 1]) < 0)
                && FollowsName(at + 1, connection);
        }

        /// <summary>A name with its sign, or a dash.</summary>
        private bool FollowsName(int at, bool connection)
        {
            if (at == text.Length || (!connection && text[at] == '-'))
                return true;
            int start = at;
            while (at < text.Length && at - start < 64 && IsOfName(text[at], connection))
                at++;
            return at > start && at < text.Length && text[at] == '=';
        }

        /// <summary>`Name=value;Other Name=value`.</summary>
        private static bool IsConnection(string text)
        {
            int equals = text.IndexOf('=');
            if (equals <= 0 || text.IndexOf("://", StringComparison.Ordinal) >= 0 && text.IndexOf("://", StringComparison.Ordinal) < equals)
                return false;
            return text.IndexOf(';') > equals && text.Substring(0, equals).All(letter => IsOfName(letter, true));
        }

        /// <summary>`Class.Of.Module required name="value" other="value";`</summary>
        private static bool IsJaas(string text, List<Part> parts)
        {
            StringBuilder glue = new StringBuilder(text);
            foreach (Part part in parts.AsEnumerable().Reverse())
                glue.Remove(part.Start, part.Length);
            string[] words = glue.ToString().Split(new char[] { ' ', '\t', '\r', '\n', ';' }, StringSplitOptions.RemoveEmptyEntries);
            return words.Length > 2 && Flags.Contains(words[1]) && words[0].IndexOf('.') > 0 && words[0].All(letter => IsOfName(letter, false))
                && words.Skip(2).All(word => word.EndsWith("=", StringComparison.Ordinal) || word.EndsWith("=\"\"", StringComparison.Ordinal));
        }

        private static bool IsOneAddress(string text)
        {
            int mark = text.IndexOf("://", StringComparison.Ordinal);
            if (mark <= 0 || text.IndexOf("://", mark + 3, StringComparison.Ordinal) >= 0 || text.Any(Char.IsWhiteSpace))
                return false;
            int sign = text.LastIndexOf('@');
            string rest = sign < 0 ? text : text.Substring(0, mark + 3) + text.Substring(sign + 1);
            int query = rest.IndexOfAny(new char[] { '?', '#' });
            return Shape.IsAddress(query < 0 ? rest : rest.Substring(0, query));
        }
    }
}
