// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Harmless;
using ansible_collections.comindware.platform.plugins.module_utils._Hashes;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Parts;
using ansible_collections.comindware.platform.plugins.module_utils._Scan;
using ansible_collections.comindware.platform.plugins.module_utils._Text;
using ansible_collections.comindware.platform.plugins.module_utils._Value;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text;

namespace ansible_collections.comindware.platform.plugins.module_utils._Secrets
{
    /// <summary>Values leave the host as salted tokens, but for those that are known to be harmless.</summary>
    public class Secrets
    {
        private readonly string salt;
        private readonly Harmless harmless;

        /// <summary>From `{"salt", "public", "secret", "words"}`, or null: then nothing is hidden.</summary>
        public Secrets(Map from)
        {
            salt = from == null ? null : from.Text("salt");
            harmless = from == null ? null : new Harmless(from);
        }

        /// <summary>What the vendor ships for a file is no secret in it.</summary>
        public void Vendor(string text, string path)
        {
            if (harmless != null)
                harmless.Vendor(Scan.Values(text, path));
        }

        /// <summary>The text of a file as it may leave the host.</summary>
        public string Hide(string text, string path)
        {
            return harmless == null ? text : Hidden(text, Scan.Values(text, path));
        }

        /// <summary>A value that stands in no text, below these names.</summary>
        public string HideValue(string value, IEnumerable<string> names)
        {
            if (harmless == null)
                return value;
            Level level = null;
            foreach (string name in names)
                level = new Level(level, name, 0);
            return Hidden(value, new Value[] { new Value(level, Style.Raw, 0, value.Length, value) });
        }

        /// <summary>What a program said: shown, but for what has the name or the place of a secret.</summary>
        public string HideOutput(string text)
        {
            if (harmless == null)
                return text;
            Value said = new Value(null, Style.Raw, 0, text.Length, text);
            return Replaced(text, harmless.Named(text, new List<string>()).Select(part => new KeyValuePair<Value, Part>(said, part)));
        }

        private string Hidden(string text, IEnumerable<Value> values)
        {
            return Replaced(text, values.OrderBy(value => value.Start)
                .SelectMany(value => harmless.Secrets(value).Select(part => new KeyValuePair<Value, Part>(value, part))));
        }

        private string Replaced(string text, IEnumerable<KeyValuePair<Value, Part>> parts)
        {
            StringBuilder hidden = new StringBuilder();
            int end = 0;
            foreach (KeyValuePair<Value, Part> pair in parts)
            {
                Value value = pair.Key;
                int start = value.At(pair.Value.Start);
                string token = TokenOf(value.Text.Substring(pair.Value.Start, pair.Value.Length));
                // A number is no text to JSON, and a token is no number.
                bool bare = value.Style == Style.JsonBare;
                hidden.Append(text, end, start - end).Append(bare ? "\"" : "").Append(token).Append(bare ? "\"" : "");
                end = value.At(pair.Value.Start + pair.Value.Length);
            }
            return hidden.Append(text, end, text.Length - end).ToString();
        }

        /// <summary>The token of a value, whatever file and spelling it stands in.</summary>
        public string TokenOf(string value)
        {
            using (HMACSHA256 mac = new HMACSHA256(Text.Utf8.GetBytes(salt ?? "")))
            {
                string hex = Hashes.Hex(mac.ComputeHash(Text.Utf8.GetBytes(value)));
                return "\u27E6secret:" + hex.Substring(0, 16) + "\u27E7";
            }
        }
    }
}
