// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Patterns;
using ansible_collections.comindware.platform.plugins.module_utils._Text;
using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;

namespace ansible_collections.comindware.platform.plugins.module_utils._LogLines
{
    /// <summary>The lines of a log that matter, so that one of any size is read whole and little of it travels.
    /// </summary>
    public class LogLines
    {
        private const int Chunk = 1024 * 1024;
        private const int MostLetters = 128 * 1024;
        private readonly Regex pattern;
        private readonly long after;
        private readonly Queue<string> kept = new Queue<string>();
        private long letters;
        private long wanted;

        /// <summary>`{pattern, after}`: lines that match, and as many lines behind each.</summary>
        public LogLines(Map lines)
        {
            pattern = Patterns.Compile(lines.Text("pattern"));
            after = lines.Number("after", 0);
        }

        /// <summary>Whether lines were left out because there were too many: the first ones.</summary>
        public bool Cut { get; private set; }

        /// <summary>The lines of the part of the file.</summary>
        public string Read(string path, long start, long end, string encoding)
        {
            byte[] rest = new byte[0];
            // A part of a file begins in the middle of a line, perhaps of a character.
            bool torn = start > 0;
            while (start < end)
            {
                byte[] read = Disk.ReadPart(path, start, Math.Min(Chunk, end - start));
                if (read.Length == 0)
                    break;
                start += read.Length;
                byte[] bytes = rest.Concat(read).ToArray();
                int from = torn ? EndOfLine(bytes, encoding, true) : 0;
                int whole = EndOfLine(bytes, encoding, false);
                torn = torn && whole == 0;
                rest = bytes.Skip(whole).ToArray();
                LookAt(bytes.Skip(from).Take(whole - from).ToArray(), encoding);
            }
            // By itself: a character that is only half written yet must not spoil the lines before it.
            LookAt(rest, encoding);
            return String.Join("\n", kept);
        }

        /// <summary>Behind the first or the last line end, or 0.</summary>
        private static int EndOfLine(byte[] bytes, string encoding, bool first)
        {
            bool wide = IsWide(encoding);
            int step = wide ? 2 : 1;
            int low = encoding == "utf-16-be" ? 1 : 0;
            int count = bytes.Length / step;
            for (int number = 0; number < count; number++)
            {
                int at = (first ? number : count - 1 - number) * step;
                if (bytes[at + low] == '\n' && (!wide || bytes[at + 1 - low] == 0))
                    return at + step;
            }
            return 0;
        }

        private static bool IsWide(string encoding)
        {
            return encoding.StartsWith("utf-16", StringComparison.Ordinal);
        }

        private void LookAt(byte[] bytes, string encoding)
        {
            if (IsWide(encoding))
            {
                byte[] mark = Text.Encode("", encoding);
                bytes = bytes.Take(bytes.Length - bytes.Length % 2).ToArray();
                bytes = bytes.Take(2).SequenceEqual(mark) ? bytes : mark.Concat(bytes).ToArray();
            }
            string found = Text.Detect(bytes);
            if (bytes.Length == 0 || found == Text.Binary)
                return;
            string text = Text.Decode(bytes, found);
            string[] lines = text.Split('\n');
            // What stands behind the last line end is no line if it is empty.
            foreach (string line in lines.Take(text.EndsWith("\n", StringComparison.Ordinal) ? lines.Length - 1
                : lines.Length))
                Look(line.TrimEnd('\r'));
        }

        private void Look(string line)
        {
            if (pattern.IsMatch(line))
                wanted = after + 1;
            if (wanted-- <= 0)
            {
                wanted = 0;
                return;
            }
            kept.Enqueue(line);
            letters += line.Length + 1;
            while (letters > MostLetters && kept.Count > 1)
            {
                letters -= kept.Dequeue().Length + 1;
                Cut = true;
            }
        }
    }
}
