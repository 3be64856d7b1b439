// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Parts;
using ansible_collections.comindware.platform.plugins.module_utils._Scan;
using ansible_collections.comindware.platform.plugins.module_utils._Secrets;
using ansible_collections.comindware.platform.plugins.module_utils._Spelling;
using ansible_collections.comindware.platform.plugins.module_utils._Text;
using ansible_collections.comindware.platform.plugins.module_utils._Value;
using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;

namespace ansible_collections.comindware.platform.plugins.module_utils._Reveal
{
    /// <summary>Puts values in the place of their tokens, spelled as the file has them that they come from, or as the place
    /// demands where they have come to.</summary>
    public class Reveal
    {
        // U+27E6 and U+27E7, mathematical white square brackets
        private static readonly Regex Token = new Regex("\u27E6secret:[0-9a-f]{16}\u27E7");
        private readonly Secrets secrets;
        private readonly List<string> files = new List<string>();
        private readonly Dictionary<string, List<Spelling>> known = new Dictionary<string, List<Spelling>>();

        public Reveal(Secrets secrets)
        {
            this.secrets = secrets;
        }

        public static bool HasToken(string text)
        {
            return Token.IsMatch(text);
        }

        /// <summary>A file that values come from. Of several that have one, the first wins.</summary>
        public void From(string path, byte[] content)
        {
            files.Add(path);
            string encoding = Text.Detect(content);
            if (encoding == Text.Binary)
                return;
            string text = Text.Decode(content, encoding);
            foreach (Value value in Scan.Values(text, path).OrderBy(value => value.Start))
            {
                Add(text, value, 0, value.Text.Length, true);
                foreach (Part part in Parts.Of(value.Text))
                    Add(text, value, part.Start, part.Length, false);
            }
        }

        private void Add(string text, Value value, int start, int length, bool whole)
        {
            int first = value.At(start);
            string meant = value.Text.Substring(start, length);
            string token = secrets.TokenOf(meant);
            if (!known.ContainsKey(token))
                known[token] = new List<Spelling>();
            known[token].Add(new Spelling
            {
                Text = meant,
                Raw = text.Substring(first, value.At(start + length) - first),
                Place = Place(value),
                Style = value.Style,
                Column = Column(text, first),
                IsWhole = whole,
            });
        }

        private static string Place(Value value)
        {
            return String.Join("\n", value.Names);
        }

        private static int Column(string text, int at)
        {
            return at == 0 ? 0 : at - 1 - text.LastIndexOf('\n', at - 1);
        }

        /// <summary>The text of a file with values in place of its tokens.</summary>
        public string In(string text, string path)
        {
            StringBuilder revealed = new StringBuilder();
            int end = 0;
            int left = Token.Matches(text).Count;
            foreach (Value value in Scan.Values(text, path).OrderBy(value => value.Start))
            {
                string raw = text.Substring(value.Start, value.Length);
                foreach (Match match in Token.Matches(raw))
                {
                    int start = value.Start + match.Index;
                    int stop = start + match.Length;
                    bool whole = match.Length == raw.Length;
                    Spelling from = Chosen(text, value, start, match.Value, whole);
                    bool bare = from != null && from.Style == Style.JsonBare && value.Style == Style.Json;
                    revealed.Append(text, end, start - end - (bare ? 1 : 0));
                    revealed.Append(from == null ? Written(text, value, start, match.Value, whole, path) : from.Raw);
                    end = stop + (bare ? 1 : 0);
                    left--;
                }
            }
            if (left > 0)
                throw new Failure("verification_failed", "The new '" + path + "' has a secret where no value can stand, so it cannot be "
                    + "put back. Give that file in the option 'configuration'.");
            return revealed.Append(text, end, text.Length - end).ToString();
        }

        private List<Spelling> Of(string token)
        {
            List<Spelling> spellings;
            if (known.TryGetValue(token, out spellings))
                return spellings;
            throw new Failure("bad_request", "The text holds the secret " + token + ", but "
                + (files.Count == 1 ? "'" + files[0] + "' has no value for it"
                    : "none of '" + String.Join("', '", files) + "' has a value for it")
                + ". Inspect the host again and make a new plan.");
        }

        /// <summary>The spelling that a file has in the same place, else in another, as often as it has it; or null.</summary>
        private Spelling Chosen(string text, Value value, int start, string token, bool whole)
        {
            string place = Place(value);
            Spelling chosen = Of(token)
                .Where(one => one.IsWhole == whole && (one.Style == value.Style || (one.Style == Style.JsonBare && value.Style == Style.Json))
                    && (one.Raw.IndexOf('\n') < 0 || one.Column == Column(text, start)))
                .OrderBy(one => one.Place == place ? 0 : 1).ThenBy(one => one.IsUsed ? 1 : 0).FirstOrDefault();
            if (chosen != null)
                chosen.IsUsed = true;
            return chosen;
        }

        private string Written(string text, Value value, int start, string token, bool whole, string path)
        {
            string line = text.IndexOf("\r\n", StringComparison.Ordinal) >= 0 ? "\r\n" : "\n";
            string written = Spelling.Write(Of(token)[0].Text, value.Style, whole, Column(text, start), line);
            if (written == null)
                throw new Failure("verification_failed", "The value of '" + String.Join(".", value.Names) + "' has several lines, and "
                    + "cannot be written where the new '" + path + "' has it. Give that file in the option 'configuration'.");
            return written;
        }
    }
}
