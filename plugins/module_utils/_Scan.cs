// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._FlatScanner;
using ansible_collections.comindware.platform.plugins.module_utils._JsonScanner;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Value;
using ansible_collections.comindware.platform.plugins.module_utils._XmlScanner;
using System;
using System.Collections.Generic;

namespace ansible_collections.comindware.platform.plugins.module_utils._Scan
{
    /// <summary>The values of a text, by the name of its file.</summary>
    public static class Scan
    {
        public static List<Value> Values(string text, string path)
        {
            string name = Paths.Name(path).ToLowerInvariant();
            try
            {
                if (name.EndsWith(".json", StringComparison.Ordinal))
                    return JsonScanner.Scan(text);
                if (name.EndsWith(".yml", StringComparison.Ordinal) || name.EndsWith(".yaml", StringComparison.Ordinal))
                    return FlatScanner.Scan(text);
                if (name.EndsWith(".config", StringComparison.Ordinal) || name.EndsWith(".xml", StringComparison.Ordinal))
                    return text.TrimStart().StartsWith("<", StringComparison.Ordinal) ? XmlScanner.Scan(text) : FlatScanner.Scan(text);
            }
            catch (TooDeep)
            {
                throw new Failure("too_deep", "'" + path + "' is nested more than 200 levels deep, and no configuration file of the "
                    + "product is. Nothing of it was read. Look at that file: is it what it should be?");
            }
            return Lines(text);
        }

        /// <summary>A file of which nothing is known: each line is a value.</summary>
        private static List<Value> Lines(string text)
        {
            List<Value> found = new List<Value>();
            for (int at = 0; at < text.Length;)
            {
                int end = text.IndexOfAny(new char[] { '\r', '\n' }, at);
                end = end < 0 ? text.Length : end;
                if (end > at)
                    found.Add(new Value(null, Style.Raw, at, end - at, text.Substring(at, end - at)));
                at = end + 1;
            }
            return found;
        }
    }
}
