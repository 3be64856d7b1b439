// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Parts;
using ansible_collections.comindware.platform.plugins.module_utils._Shape;
using ansible_collections.comindware.platform.plugins.module_utils._Value;
using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace ansible_collections.comindware.platform.plugins.module_utils._Harmless
{
    /// <summary>Decides what of a value may be seen: a value is shown where it is known to be harmless, by its name, by
    /// its shape, or because the vendor's own file has it too.</summary>
    public class Harmless
    {
        // Shorter words are looked for at the end of a word only: `keep` is no key.
        private const int LongWord = 5;
        private readonly HashSet<string> open;
        private readonly HashSet<string> closed;
        private readonly List<string> words;
        private readonly int longest;
        private readonly HashSet<string> vendors = new HashSet<string>();

        /// <summary>`{"public": [names], "secret": [names], "words": [words]}`: dotted names, one `*` for any piece but the
        /// last; words by which a name sounds like that of a secret.</summary>
        public Harmless(Map from)
        {
            open = new HashSet<string>(from.Texts("public").Select(Folded));
            closed = new HashSet<string>(from.Texts("secret").Select(Folded));
            longest = open.Concat(closed).Select(name => name.Split('.').Length).DefaultIfEmpty(0).Max();
            words = from.Texts("words").Select(Folded).ToList();
        }

        /// <summary>Remembers what the vendor's file has where.</summary>
        public void Vendor(IEnumerable<Value> values)
        {
            foreach (Value value in values)
                vendors.Add(Place(value));
        }

        private static string Place(Value value)
        {
            return Folded(String.Join("\n", value.Names)) + "\n\n" + value.Text;
        }

        private static string Folded(string name)
        {
            return name.ToLowerInvariant();
        }

        /// <summary>The parts of a value that must be hidden: none, some, or one that is the whole.</summary>
        public List<Part> Secrets(Value value)
        {
            string text = value.Text;
            List<string> names = value.Names;
            bool isLabel = IsLabel(value);
            if (isLabel)
                names.RemoveAt(names.Count - 2);
            if (text.Trim().Length == 0)
                return new List<Part>();
            if ((IsOpen(names) || (!IsClosed(names) && IsOpen(WithoutLabel(value, names)))) && (!isLabel || Shape.IsName(text)))
                return Named(text, names);
            if (!Sounds(names))
            {
                if (Shape.IsHarmless(text) || vendors.Contains(Place(value)))
                    return new List<Part>();
                List<Part> parts = Parts.Of(text);
                if (Parts.Cover(text, parts))
                    return parts.Where(part => part.Certain || !IsClear(names, part, text)).ToList();
            }
            return new List<Part> { new Part { Length = text.Length } };
        }

        /// <summary>The parts of a text that may be seen but for what has the name or the place of a secret.</summary>
        public List<Part> Named(string text, List<string> names)
        {
            return Parts.Of(text).Where(part => part.Certain || (part.Asked ? !IsClear(names, part, text)
                : Sounds(part.Name) && !IsOpen(With(names, part.Name)))).ToList();
        }

        /// <summary>Is it what its level calls itself?</summary>
        private static bool IsLabel(Value value)
        {
            Level own = value.Level;
            return own != null && own.Above != null && Level.IsLabel(own.Name) && own.Above.Label == value.Text && value.Text.Length > 0;
        }

        /// <summary>`logger.minlevel`, whatever that logger is called.</summary>
        private static List<string> WithoutLabel(Value value, List<string> names)
        {
            Level above = value.Level == null ? null : value.Level.Above;
            int index = names.Count - 2;
            return above == null || index < 0 || names[index] != above.Label ? names
                : names.Where((name, number) => number != index).ToList();
        }

        private static List<string> With(List<string> names, string name)
        {
            return names.Concat(new string[] { name }).ToList();
        }

        private bool IsClear(List<string> names, Part part, string text)
        {
            List<string> all = With(names, part.Name);
            return IsOpen(all) || (!Sounds(all) && Shape.IsHarmless(text.Substring(part.Start, part.Length)));
        }

        /// <summary>Is it a directive that the policy knows as public? The longest name that fits decides; nothing above it may
        /// sound like a secret.</summary>
        private bool IsOpen(List<string> names)
        {
            if (names.Count > 1 && Level.IsNeutral(names[names.Count - 1]))
                names = names.Take(names.Count - 1).ToList();
            List<string> pieces = names.SelectMany(name => name.Split('.')).Select(Folded).ToList();
            for (int length = Math.Min(longest, pieces.Count); length > 0; length--)
            {
                List<string> tail = pieces.Skip(pieces.Count - length).ToList();
                if (Has(closed, tail))
                    return false;
                if (Has(open, tail))
                    return !Sounds(Above(names, length));
            }
            return false;
        }

        private static List<string> Above(List<string> names, int pieces)
        {
            int count = names.Count;
            while (count > 0 && pieces > 0)
                pieces -= names[--count].Split('.').Length;
            return names.Take(count).ToList();
        }

        /// <summary>With each piece in turn as `*`, too: one of them may be any name.</summary>
        private static bool Has(HashSet<string> known, List<string> pieces)
        {
            if (known.Contains(String.Join(".", pieces)))
                return true;
            for (int any = 0; any < pieces.Count - 1; any++)
            {
                string piece = pieces[any];
                pieces[any] = "*";
                bool has = known.Contains(String.Join(".", pieces));
                pieces[any] = piece;
                if (has)
                    return true;
            }
            return false;
        }

        private bool Sounds(List<string> names)
        {
            return IsClosed(names) || names.Any(Sounds);
        }

        private bool IsClosed(List<string> names)
        {
            if (closed.Count == 0)
                return false;
            List<string> pieces = names.SelectMany(name => name.Split('.')).Select(Folded).ToList();
            for (int end = pieces.Count; end > 0; end--)
            {
                for (int length = 1; length <= Math.Min(longest, end); length++)
                {
                    if (Has(closed, pieces.Skip(end - length).Take(length).ToList()))
                        return true;
                }
            }
            return false;
        }

        private bool Sounds(string name)
        {
            List<string> parts = Split(name);
            string whole = String.Join("", parts);
            return words.Any(word => word.Length >= LongWord ? whole.IndexOf(word, StringComparison.Ordinal) >= 0
                : parts.Any(part => part.EndsWith(word, StringComparison.Ordinal)) || whole.EndsWith(word, StringComparison.Ordinal));
        }

        /// <summary>The words of a name, without digits, in small letters.</summary>
        private static List<string> Split(string name)
        {
            List<string> parts = new List<string>();
            StringBuilder word = new StringBuilder();
            for (int at = 0; at <= name.Length; at++)
            {
                bool letter = at < name.Length && Char.IsLetter(name[at]);
                bool begins = letter && Char.IsUpper(name[at]) && at > 0 && (Char.IsLower(name[at - 1])
                    || (at + 1 < name.Length && Char.IsLower(name[at + 1])));
                if ((!letter || begins) && word.Length > 0)
                {
                    parts.Add(Folded(word.ToString()));
                    word.Clear();
                }
                if (letter)
                    word.Append(name[at]);
            }
            return parts;
        }
    }
}
