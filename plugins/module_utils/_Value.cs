// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.Text;

namespace ansible_collections.comindware.platform.plugins.module_utils._Value
{
    /// <summary>How a value is written where it stands.</summary>
    public enum Style
    {
        Raw, Comment, Plain, Single, Double, Block, Attribute, AttributeSingle, Element, Cdata, Json, JsonBare
    }

    /// <summary>A name above a value: a key, an element, a list. `Label` is what the level says its name is, as in
    /// `&lt;add key="Label" value="x"/>`; it may become known behind the value.</summary>
    public class Level
    {
        private const int Deepest = 200;
        public readonly Level Above;
        public readonly string Name;
        public readonly int Column;
        private readonly int depth;
        public string Label;
        /// <summary>A list, or the item of one: it may begin in the column of its key.</summary>
        public bool IsItem;

        public Level(Level above, string name, int column)
        {
            Above = above;
            Name = name;
            Column = column;
            depth = above == null ? 0 : above.depth + 1;
            if (depth > Deepest)
                throw new TooDeep();
        }

        /// <summary>Does a value with this name say what its level is called?</summary>
        public static bool IsLabel(string name)
        {
            return Is(name, "name") || Is(name, "key") || Is(name, "id");
        }

        /// <summary>Names that say no more than that this is the value of something.</summary>
        public static bool IsNeutral(string name)
        {
            return Is(name, "value") || Is(name, "text") || Is(name, "content") || Is(name, "data")
                || Is(name, "string");
        }

        private static bool Is(string name, string wanted)
        {
            return String.Equals(name, wanted, StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>More levels than any configuration file has.</summary>
    public class TooDeep : Exception
    {
    }

    /// <summary>A value that a scanner found: where it stands in the text, what it means, and what is above it.</summary>
    public class Value
    {
        public readonly Level Level;
        public readonly Style Style;
        public readonly int Start;
        public readonly int Length;
        public readonly string Text;
        // Where each character of Text begins; null if it is written as it is.
        private readonly int[] places;

        public Value(Level level, Style style, int start, int length, string text, int[] places = null)
        {
            Level = level;
            Style = style;
            Start = start;
            Length = length;
            Text = text;
            this.places = places;
        }

        /// <summary>Where a character of `Text` begins; its length is the end.</summary>
        public int At(int index)
        {
            if (index == Text.Length)
                return Start + Length;
            return places == null ? Start + index : places[index];
        }

        /// <summary>All names from the outside to the inside, labels behind the names of their levels.</summary>
        public List<string> Names
        {
            get
            {
                List<string> names = new List<string>();
                for (Level level = Level; level != null; level = level.Above)
                {
                    if (!String.IsNullOrEmpty(level.Label))
                        names.Add(level.Label);
                    if (!String.IsNullOrEmpty(level.Name))
                        names.Add(level.Name);
                }
                names.Reverse();
                return names;
            }
        }
    }

    /// <summary>The meaning of a value that is written with escapes, while it is read.</summary>
    public class Meaning
    {
        private readonly StringBuilder text = new StringBuilder();
        private readonly List<int> places = new List<int>();

        public void Add(string meant, int place)
        {
            text.Append(meant);
            foreach (char _ in meant)
                places.Add(place);
        }

        public void Add(char meant, int place)
        {
            text.Append(meant);
            places.Add(place);
        }

        /// <summary>Takes blanks at the end away.</summary>
        public void Trim()
        {
            while (text.Length > 0 && (text[text.Length - 1] == ' ' || text[text.Length - 1] == '\t'))
                text.Length--;
            places.RemoveRange(text.Length, places.Count - text.Length);
        }

        public string Text
        {
            get { return text.ToString(); }
        }

        public Value Value(Level level, Style style, int start, int end)
        {
            return new Value(level, style, start, end - start, text.ToString(), places.ToArray());
        }
    }
}
