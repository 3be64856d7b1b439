// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Hashes;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Text;
using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace ansible_collections.comindware.platform.plugins.module_utils._Secrets
{
    /// <summary>Secret values leave the host only as salted tokens, and tokens become values again on the host.
    /// </summary>
    public class Secrets
    {
        // U+27E6 and U+27E7, mathematical white square brackets
        private static readonly Regex Token = new Regex("\u27E6secret:([0-9a-f]{16})\u27E7");
        private readonly string salt;
        private readonly List<Map> patterns;

        /// <summary>From `{"salt", "patterns": [{"files", "pattern"}]}`, or null for no secrets.</summary>
        public Secrets(Map from)
        {
            patterns = from == null ? new List<Map>() : from.Maps("patterns");
            salt = patterns.Count == 0 ? "" : from.Text("salt");
        }

        /// <summary>The text with tokens in place of the secrets that belong to a file of this name; of any file if it
        /// is null.</summary>
        public string Hide(string text, string fileName)
        {
            // A set, as a value that two patterns find must not be hidden twice.
            SortedDictionary<int, Group> found = new SortedDictionary<int, Group>();
            foreach (Group group in Find(text, fileName))
                found[group.Index] = group;
            int shift = 0;
            int end = 0;
            foreach (Group group in found.Values)
            {
                if (group.Index < end)
                    continue;
                string value = ValueOf(group);
                string token = TokenOf(value);
                text = text.Substring(0, group.Index + shift) + token
                    + text.Substring(group.Index + value.Length + shift);
                shift += token.Length - value.Length;
                end = group.Index + value.Length;
            }
            return text;
        }

        private IEnumerable<Group> Find(string text, string fileName)
        {
            foreach (Map pattern in patterns)
            {
                if (fileName != null && !Paths.Matches(fileName, pattern.Text("files", "*")))
                    continue;
                foreach (Match match in Compile(pattern.Text("pattern")).Matches(text))
                {
                    if (ValueOf(match.Groups["secret"]).Length > 0)
                        yield return match.Groups["secret"];
                }
            }
        }

        /// <summary>`.+$` takes the carriage return of a Windows line along: it is no part of the secret.</summary>
        private static string ValueOf(Group group)
        {
            return group.Value.TrimEnd('\r');
        }

        /// <summary>A pattern from a request, with a limit against one that never ends.</summary>
        public static Regex Compile(string pattern)
        {
            try
            {
                return new Regex(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10));
            }
            catch (ArgumentException error)
            {
                throw Failure.BadRequest("The pattern '" + pattern + "' is not a regular expression: " + error.Message);
            }
        }

        /// <summary>Adds the values that a file of this name and content holds, by their tokens; a token that has one
        /// already keeps it.</summary>
        public void AddValues(IDictionary<string, string> values, string fileName, byte[] content)
        {
            string encoding = Text.Detect(content);
            if (encoding == Text.Binary)
                return;
            foreach (Group group in Find(Text.Decode(content, encoding), fileName))
            {
                string token = TokenOf(ValueOf(group));
                if (!values.ContainsKey(token))
                    values[token] = ValueOf(group);
            }
        }

        /// <summary>The text with values in place of its tokens; `files` are the paths that the values come from.
        /// </summary>
        public static string Reveal(string text, IDictionary<string, string> values, ICollection<string> files)
        {
            return Token.Replace(text, delegate(Match match)
            {
                string value;
                if (!values.TryGetValue(match.Value, out value))
                    throw new Failure("bad_request", "The text holds the secret " + match.Value + ", but "
                        + (files.Count == 1 ? "'" + files.First() + "' has no value for it"
                            : "none of '" + String.Join("', '", files) + "' has a value for it")
                        + ". Inspect the host again and make a new plan.");
                return value;
            });
        }

        public static bool HasToken(string text)
        {
            return Token.IsMatch(text);
        }

        private string TokenOf(string value)
        {
            using (HMACSHA256 mac = new HMACSHA256(Text.Utf8.GetBytes(salt)))
            {
                string hex = Hashes.Hex(mac.ComputeHash(Text.Utf8.GetBytes(value)));
                return "\u27E6secret:" + hex.Substring(0, 16) + "\u27E7";
            }
        }
    }
}
