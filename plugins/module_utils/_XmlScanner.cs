// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Value;
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._XmlScanner
{
    /// <summary>The values of an XML text: attributes, texts, CDATA, comments with elements in them. What is no XML is
    /// found too: as values of which nothing is known.</summary>
    public class XmlScanner
    {
        private readonly string text;
        private readonly int end;
        private readonly List<Value> found;
        private readonly bool isComment;
        private Level level;
        private int at;

        private XmlScanner(string text, int start, int end, Level level, bool isComment, List<Value> found)
        {
            this.text = text;
            this.end = end;
            this.level = level;
            this.isComment = isComment;
            this.found = found;
            at = start;
        }

        public static List<Value> Scan(string text)
        {
            List<Value> found = new List<Value>();
            new XmlScanner(text, 0, text.Length, null, false, found).All();
            return found;
        }

        private void All()
        {
            while (at < end)
            {
                if (text[at] != '<')
                    Content();
                else if (Begins("<!--"))
                    Comment();
                else if (Begins("<![CDATA["))
                    Add(Style.Cdata, "<![CDATA[", "]]>", level);
                else if (Begins("<?"))
                    Instruction();
                else if (Begins("<!"))
                    Declaration();
                else if (Begins("</"))
                    Close();
                else
                    Element();
            }
        }

        private bool Begins(string with)
        {
            return at + with.Length <= end && String.CompareOrdinal(text, at, with, 0, with.Length) == 0;
        }

        private int Find(string wanted, int from)
        {
            int place = from > end ? -1 : text.IndexOf(wanted, from, end - from, StringComparison.Ordinal);
            return place < 0 ? end : place;
        }

        private void Content()
        {
            int stop = Find("<", at);
            Add(Style.Element, at, stop, level);
            at = stop;
        }

        /// <summary>A value between two places without the blanks around it.</summary>
        private void Add(Style style, int start, int stop, Level of)
        {
            while (start < stop && Char.IsWhiteSpace(text[start]))
                start++;
            while (stop > start && Char.IsWhiteSpace(text[stop - 1]))
                stop--;
            if (start == stop)
                return;
            Value value = style == Style.Element ? Decoded(style, start, stop, of)
                : new Value(of, style, start, stop - start, text.Substring(start, stop - start));
            found.Add(value);
            // <name>password</name><value>x</value>
            if (of != null && of.Above != null && of.Above.Above != null && Level.IsLabel(of.Name))
                of.Above.Label = value.Text;
        }

        /// <summary>What stands between two marks, and behind the second.</summary>
        private void Add(Style style, string first, string last, Level of)
        {
            int stop = Find(last, at + first.Length);
            Add(style, at + first.Length, stop, of);
            at = Math.Min(end, stop + last.Length);
        }

        private void Comment()
        {
            int start = at + 4;
            int stop = Find("-->", start);
            Level comment = new Level(level, "#", 0);
            List<Value> inside = new List<Value>();
            if (!isComment && text.IndexOf('<', start, stop - start) >= 0)
                new XmlScanner(text, start, stop, comment, true, inside).All();
            // Elements that are commented out have no text between them: that is prose.
            if (inside.Count == 0 || inside.Any(value => value.Level == comment))
                Add(Style.Comment, start, stop, comment);
            else
                found.AddRange(inside);
            at = Math.Min(end, stop + 3);
        }

        private void Instruction()
        {
            int start = at + 2;
            while (start < end && IsOfName(text[start]))
                start++;
            int stop = Find("?>", start);
            if (text.Substring(at + 2, start - at - 2) != "xml")
                Add(Style.Comment, start, stop, new Level(new Level(level, text.Substring(at + 2, start - at - 2), 0), "#", 0));
            at = Math.Min(end, stop + 2);
        }

        /// <summary>Of a document type only what stands in quotes is a value.</summary>
        private void Declaration()
        {
            Level declaration = new Level(level, "!", 0);
            int depth = 0;
            for (at += 2; at < end; at++)
            {
                char here = text[at];
                if (here == '"' || here == '\'')
                {
                    int stop = Find(here.ToString(), at + 1);
                    Add(here == '"' ? Style.Attribute : Style.AttributeSingle, at + 1, stop, declaration);
                    at = Math.Min(stop, end - 1);
                }
                else if (here == '[')
                    depth++;
                else if (here == ']')
                    depth--;
                else if (here == '>' && depth <= 0)
                {
                    at++;
                    return;
                }
            }
        }

        private void Close()
        {
            int stop = Find(">", at);
            string name = text.Substring(at + 2, stop - at - 2).Trim();
            for (Level one = level; one != null && one.Name != "#"; one = one.Above)
            {
                if (one.Name != name)
                    continue;
                level = one.Above;
                break;
            }
            at = Math.Min(end, stop + 1);
        }

        private void Element()
        {
            int start = ++at;
            while (at < end && IsOfName(text[at]))
                at++;
            if (at == start)
            {
                // a `<` that begins nothing
                int stop = Find("<", at);
                Add(Style.Raw, at, stop, level);
                at = stop;
                return;
            }
            Level inside = new Level(level, text.Substring(start, at - start), 0);
            bool isEmpty = Attributes(inside);
            if (!isEmpty)
                level = inside;
        }

        private static bool IsOfName(char letter)
        {
            return Char.IsLetterOrDigit(letter) || letter == '_' || letter == '-' || letter == '.' || letter == ':';
        }

        /// <summary>Attributes up to the end of the tag; true if that is `/>`.</summary>
        private bool Attributes(Level inside)
        {
            while (at < end)
            {
                if (Char.IsWhiteSpace(text[at]))
                    at++;
                else if (text[at] == '>')
                {
                    at++;
                    return false;
                }
                else if (Begins("/>"))
                {
                    at += 2;
                    return true;
                }
                else if (text[at] == '<')
                    return false;
                else
                    Attribute(inside);
            }
            return false;
        }

        private void Attribute(Level inside)
        {
            int start = at;
            while (at < end && IsOfName(text[at]))
                at++;
            string name = text.Substring(start, at - start);
            while (at < end && (Char.IsWhiteSpace(text[at]) || text[at] == '='))
                at++;
            bool quoted = name.Length > 0 && at < end && (text[at] == '"' || text[at] == '\'');
            if (!quoted)
            {
                // no XML: all up to the end of the tag is one value
                int last = Find(">", at);
                Add(Style.Raw, start, last > start && text[last - 1] == '/' ? last - 1 : last, inside);
                at = last;
                return;
            }
            int stop = Find(text[at].ToString(), at + 1);
            Style style = text[at] == '"' ? Style.Attribute : Style.AttributeSingle;
            Value value = Decoded(style, at + 1, stop, new Level(inside, name, 0));
            if (value.Text.Length > 0 && !IsNamespace(name, value.Text))
            {
                found.Add(value);
                if (Level.IsLabel(name) && inside.Label == null)
                    inside.Label = value.Text;
            }
            at = Math.Min(end, stop + 1);
        }

        private static bool IsNamespace(string name, string value)
        {
            return (name == "xmlns" || name.StartsWith("xmlns:", StringComparison.Ordinal)) && value.IndexOfAny(new char[] { '?', '@' }) < 0
                && (value.StartsWith("http://", StringComparison.Ordinal) || value.StartsWith("urn:", StringComparison.Ordinal));
        }

        private Value Decoded(Style style, int start, int stop, Level of)
        {
            if (text.IndexOf('&', start, stop - start) < 0)
                return new Value(of, style, start, stop - start, text.Substring(start, stop - start));
            Meaning meaning = new Meaning();
            for (int place = start; place < stop;)
            {
                int semicolon = text[place] == '&' ? text.IndexOf(';', place, Math.Min(12, stop - place)) : -1;
                string meant = semicolon < 0 ? null : Entity(text.Substring(place + 1, semicolon - place - 1));
                meaning.Add(meant ?? text[place].ToString(), place);
                place = meant == null ? place + 1 : semicolon + 1;
            }
            return meaning.Value(of, style, start, stop);
        }

        private static string Entity(string name)
        {
            switch (name)
            {
                case "amp": return "&";
                case "lt": return "<";
                case "gt": return ">";
                case "quot": return "\"";
                case "apos": return "'";
            }
            bool hex = name.StartsWith("#x", StringComparison.Ordinal);
            int code;
            if (!name.StartsWith("#", StringComparison.Ordinal) || !Int32.TryParse(name.Substring(hex ? 2 : 1),
                hex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out code))
                return null;
            bool known = code > 0 && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
            return known ? Char.ConvertFromUtf32(code) : null;
        }
    }
}
