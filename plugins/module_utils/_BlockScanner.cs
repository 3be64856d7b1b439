// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Value;

namespace ansible_collections.comindware.platform.plugins.module_utils._BlockScanner
{
    /// <summary>A literal or folded value of YAML: the lines that are deeper than what they belong to, without the empty
    /// ones before and behind them. The line end of its last line is not its own.</summary>
    public class BlockScanner
    {
        private readonly string text;
        private readonly bool folded;
        private readonly Meaning meaning = new Meaning();
        private int start = -1;
        private int end;

        /// <summary>`at`: where the line behind the mark begins. `indent`: what the mark says, or 0.</summary>
        public BlockScanner(string text, int at, int above, int indent, bool folded)
        {
            this.text = text;
            this.folded = folded;
            int empty = 0;
            while (at < text.Length)
            {
                int first = at;
                while (first < text.Length && (text[first] == ' ' || text[first] == '\t'))
                    first++;
                int stop = text.IndexOfAny(new char[] { '\r', '\n' }, first);
                stop = stop < 0 ? text.Length : stop;
                bool blank = first == stop;
                if (!blank && first - at <= above)
                    break;
                if (blank)
                    empty++;
                else
                {
                    indent = indent > 0 ? indent : first - at;
                    Add(first - at < indent ? first : at + indent, stop, empty);
                    empty = 0;
                }
                at = stop + 1 < text.Length && text[stop] == '\r' && text[stop + 1] == '\n' ? stop + 2 : stop + 1;
                if (at > text.Length)
                    at = text.Length;
            }
            End = at;
        }

        /// <summary>Where the line behind it begins.</summary>
        public int End { get; private set; }

        private void Add(int from, int stop, int empty)
        {
            if (start < 0)
                start = from;
            else
                meaning.Add(folded && empty == 0 ? " " : new string('\n', folded ? empty : empty + 1), end);
            for (int place = from; place < stop; place++)
                meaning.Add(text[place], place);
            end = stop;
        }

        /// <summary>Null for one without a line that is not empty.</summary>
        public Value Value(Level level)
        {
            return start < 0 ? null : meaning.Value(level, Style.Block, start, end);
        }
    }
}
