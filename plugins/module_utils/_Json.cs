// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace ansible_collections.comindware.platform.plugins.module_utils._Json
{
    /// <summary>JSON without a serializer library: none is common to .NET Framework and .NET 8.
    /// Objects are Map, lists List of object, numbers long or double.</summary>
    public static class Json
    {
        public static object Parse(string text)
        {
            return new Reader(text).Document();
        }

        public static Map ParseMap(string text)
        {
            Map map = Parse(text) as Map;
            if (map == null)
                throw Failure.BadRequest("A JSON object was expected.");
            return map;
        }

        public static string Write(object value)
        {
            StringBuilder to = new StringBuilder();
            Append(to, value, false, new HashSet<string>());
            return to.ToString();
        }

        /// <summary>The one form of a value that two programs can hash: keys sorted by code point, no blanks,
        /// non-ASCII as it is, without the keys named in `ignore` at any depth.</summary>
        public static string Canonical(object value, IEnumerable<string> ignore)
        {
            StringBuilder to = new StringBuilder();
            Append(to, value, true, new HashSet<string>(ignore));
            return to.ToString();
        }

        private static void Append(StringBuilder to, object value, bool sorted, HashSet<string> ignore)
        {
            if (value == null)
                to.Append("null");
            else if (value is string)
                AppendText(to, (string)value);
            else if (value is bool)
                to.Append((bool)value ? "true" : "false");
            else if (value is IDictionary<string, object>)
                AppendMap(to, (IDictionary<string, object>)value, sorted, ignore);
            else if (value is IEnumerable)
                AppendList(to, (IEnumerable)value, sorted, ignore);
            else if (value is double)
                to.Append(((double)value).ToString("R", CultureInfo.InvariantCulture));
            else
                to.Append(Convert.ToString(value, CultureInfo.InvariantCulture));
        }

        private static void AppendMap(StringBuilder to, IDictionary<string, object> map, bool sorted,
            HashSet<string> ignore)
        {
            IEnumerable<string> keys = map.Keys.Where(key => !ignore.Contains(key));
            if (sorted)
                keys = keys.OrderBy(key => key, new CodePointOrder());
            string before = "{";
            foreach (string key in keys)
            {
                to.Append(before);
                AppendText(to, key);
                to.Append(':');
                Append(to, map[key], sorted, ignore);
                before = ",";
            }
            to.Append(before == "{" ? "{}" : "}");
        }

        private static void AppendList(StringBuilder to, IEnumerable list, bool sorted, HashSet<string> ignore)
        {
            string before = "[";
            foreach (object item in list)
            {
                to.Append(before);
                Append(to, item, sorted, ignore);
                before = ",";
            }
            to.Append(before == "[" ? "[]" : "]");
        }

        private static void AppendText(StringBuilder to, string text)
        {
            to.Append('"');
            foreach (char c in text)
            {
                int at = "\"\\\n\r\t\b\f".IndexOf(c);
                if (at >= 0)
                    to.Append('\\').Append("\"\\nrtbf"[at]);
                else if (c < ' ')
                    to.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
                else
                    to.Append(c);
            }
            to.Append('"');
        }

        /// <summary>Order by code point, as Python sorts; UTF-16 order differs above the surrogates.</summary>
        private class CodePointOrder : IComparer<string>
        {
            public int Compare(string a, string b)
            {
                int length = Math.Min(a.Length, b.Length);
                for (int i = 0; i < length; i++)
                {
                    if (a[i] == b[i])
                        continue;
                    bool high = Char.IsSurrogate(a[i]);
                    return high == Char.IsSurrogate(b[i]) ? a[i].CompareTo(b[i]) : high ? 1 : -1;
                }
                return a.Length.CompareTo(b.Length);
            }
        }

        private class Reader
        {
            private const int DeepestNesting = 200;
            private readonly string text;
            private int at;
            private int depth;

            public Reader(string text)
            {
                this.text = text;
            }

            public object Document()
            {
                object value = Value();
                SkipBlanks();
                if (at != text.Length)
                    throw Wrong("unexpected text after the end");
                return value;
            }

            private object Value()
            {
                SkipBlanks();
                if (at >= text.Length)
                    throw Wrong("unexpected end");
                char c = text[at];
                if (c == '{')
                    return Nested(Object);
                if (c == '[')
                    return Nested(List);
                if (c == '"')
                    return String();
                if (c == '-' || Char.IsDigit(c))
                    return Number();
                return Word("true", true) ?? Word("false", false) ?? Null();
            }

            private object Nested(Func<object> read)
            {
                if (++depth > DeepestNesting)
                    throw Wrong("nested too deeply");
                at++;
                object value = read();
                depth--;
                return value;
            }

            private object Object()
            {
                Map map = new Map();
                if (Accept('}'))
                    return map;
                do
                {
                    SkipBlanks();
                    string key = String();
                    Expect(':');
                    map[key] = Value();
                }
                while (Accept(','));
                Expect('}');
                return map;
            }

            private object List()
            {
                List<object> list = new List<object>();
                if (Accept(']'))
                    return list;
                do
                {
                    list.Add(Value());
                }
                while (Accept(','));
                Expect(']');
                return list;
            }

            private string String()
            {
                Expect('"');
                StringBuilder to = new StringBuilder();
                while (at < text.Length && text[at] != '"')
                    to.Append(text[at] == '\\' ? Escaped() : text[at++]);
                Expect('"');
                return to.ToString();
            }

            private char Escaped()
            {
                at++;
                if (at >= text.Length)
                    throw Wrong("unexpected end");
                char c = text[at++];
                if (c == 'u')
                {
                    int code;
                    if (at + 4 > text.Length || !Int32.TryParse(text.Substring(at, 4), NumberStyles.AllowHexSpecifier,
                        CultureInfo.InvariantCulture, out code))
                        throw Wrong("a wrong \\u escape");
                    at += 4;
                    return (char)code;
                }
                int known = "\"\\/nrtbf".IndexOf(c);
                if (known < 0)
                    throw Wrong("a wrong escape");
                return "\"\\/\n\r\t\b\f"[known];
            }

            private object Number()
            {
                int start = at;
                while (at < text.Length && "+-.eE0123456789".IndexOf(text[at]) >= 0)
                    at++;
                string digits = text.Substring(start, at - start);
                long whole;
                if (Int64.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out whole))
                    return whole;
                double number;
                if (Double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out number))
                    return number;
                throw Wrong("a wrong number");
            }

            private object Word(string word, object value)
            {
                if (System.String.CompareOrdinal(text, at, word, 0, word.Length) != 0)
                    return null;
                at += word.Length;
                return value;
            }

            private object Null()
            {
                if (Word("null", "") == null)
                    throw Wrong("an unknown word");
                return null;
            }

            private bool Accept(char c)
            {
                SkipBlanks();
                if (at >= text.Length || text[at] != c)
                    return false;
                at++;
                return true;
            }

            private void Expect(char c)
            {
                if (!Accept(c))
                    throw Wrong("'" + c + "' expected");
            }

            private void SkipBlanks()
            {
                while (at < text.Length && " \t\r\n".IndexOf(text[at]) >= 0)
                    at++;
            }

            private Failure Wrong(string what)
            {
                return Failure.BadRequest("Not valid JSON: " + what + " at character "
                    + at.ToString(CultureInfo.InvariantCulture) + ".");
            }
        }
    }
}
