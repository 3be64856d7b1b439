// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Entry;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Patterns;
using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;

namespace ansible_collections.comindware.platform.plugins.module_utils._PathSources
{
    /// <summary>A path that a query asks about; `Literal` if it was named, not found by a glob; `Stated` if the query
    /// itself named it, not an earlier answer: what the host says may be anything.</summary>
    public class SourcePath
    {
        public string Path;
        public bool Literal;
        public bool Stated;
    }

    /// <summary>Where a query takes its paths from: written out, globs, or values of an earlier answer.</summary>
    public class PathSources
    {
        // A key, and behind it for each list that is walked brackets, empty or with a condition.
        private static readonly Regex Parts = new Regex(@"^(?<key>[^\[\]]*)(\[(?<wanted>([^\[\]=]+=[^\[\]]*)?)\])*$");
        private readonly Map answers;

        public PathSources(Map answers)
        {
            this.answers = answers;
        }

        /// <summary>The paths of the field, globs resolved, each once, in order.</summary>
        public List<SourcePath> Resolve(Map query, string field)
        {
            List<SourcePath> found = new List<SourcePath>();
            foreach (object element in query.Items(field))
            {
                bool stated = element is string;
                foreach (string text in Values(element, true))
                {
                    string path = Paths.Normalise(text);
                    if (!Paths.HasWildcard(path))
                        found.Add(new SourcePath { Path = path, Literal = true, Stated = stated });
                    else
                        found.AddRange(Matches(path, stated).Select(match => new SourcePath { Path = match }));
                }
            }
            return found.GroupBy(path => path.Path, StringComparer.OrdinalIgnoreCase)
                .Select(group => group.First()).ToList();
        }

        private static List<string> Matches(string pattern, bool stated)
        {
            try
            {
                return Glob(pattern).ToList();
            }
            catch (Failure failure)
            {
                if (stated || !failure.IsNowhere)
                    throw;
                return new List<string>();
            }
        }

        /// <summary>The texts of one element: a string, `{from, select, pattern, append}`, or `{told}`, a path that the
        /// caller has read in an earlier answer: it may be anything, as those may.</summary>
        public List<string> Values(object element, bool rooted)
        {
            string literal = element as string;
            if (literal != null)
            {
                literal = Paths.Expand(literal.Trim());
                if (rooted && !Paths.IsRooted(literal.Replace('/', '\\')))
                    throw Failure.BadRequest("The path '" + literal + "' is not absolute: 'C:\\folder' is wanted.");
                return new List<string> { literal };
            }
            Map source = element as Map;
            if (source == null)
                throw Failure.BadRequest("A path must be a string or an object with 'from' or 'told'.");
            string told = source.Text("told", null);
            IEnumerable<string> texts = told != null ? new string[] { told }
                : Select(source).OfType<object>().Select(value => value.ToString());
            if (source.Get("pattern") != null)
                texts = texts.SelectMany(text => Captured(text, source.Text("pattern")));
            texts = texts.Select(text => Paths.Expand(text.Trim().Trim('"', '\'').Trim()))
                .Where(text => text.Length > 0 && (!rooted || Paths.IsRooted(text.Replace('/', '\\'))));
            string append = source.Text("append", null);
            if (append != null)
                texts = texts.Select(text => rooted ? Paths.Combine(text, append) : text + append);
            return texts.Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        }

        private List<object> Select(Map source)
        {
            string id = source.Text("from");
            Map answer = answers.Get(id) as Map;
            if (answer == null)
                throw Failure.BadRequest("There is no earlier query '" + id + "' to take paths from.");
            List<object> values = new List<object> { answer };
            foreach (string step in source.Text("select").Split('.'))
            {
                Match parts = Parts.Match(step);
                if (!parts.Success)
                    throw Failure.BadRequest("A step of 'select' is not understood: '" + step + "'.");
                string key = parts.Groups["key"].Value;
                if (key.Length > 0)
                    values = values.OfType<Map>().SelectMany(map => Step(map, key)).ToList();
                foreach (Capture wanted in parts.Groups["wanted"].Captures)
                {
                    string[] pair = wanted.Value.Split(new char[] { '=' }, 2);
                    values = values.OfType<List<object>>().SelectMany(list => list)
                        .Where(item => pair.Length < 2 || Fits(item as Map, pair[0], pair[1])).ToList();
                }
            }
            return values;
        }

        private static bool Fits(Map item, string key, string glob)
        {
            return item != null && Step(item, key).OfType<string>().Any(text => Paths.Matches(text, glob));
        }

        private static IEnumerable<object> Step(Map map, string key)
        {
            if (key == "*")
                return map.Values;
            // Names of registry values and sites are the host's: without case, as Windows compares them.
            return map.Where(pair => String.Equals(pair.Key, key, StringComparison.OrdinalIgnoreCase))
                .Select(pair => pair.Value);
        }

        private static IEnumerable<string> Captured(string text, string pattern)
        {
            return Patterns.Compile(pattern).Matches(text).Cast<Match>().Select(match => match.Groups["value"].Value);
        }

        /// <summary>The existing paths that match; a wildcard never leads through a link.</summary>
        private static IEnumerable<string> Glob(string pattern)
        {
            string root = Paths.Root(pattern);
            string[] segments = pattern.Substring(root.Length).Trim('\\').Split('\\');
            List<Entry> found = new List<Entry>();
            Entry start = Disk.Find(root);
            if (start != null)
                found.Add(start);
            foreach (string segment in segments)
                found = found.SelectMany(entry => Below(entry, segment)).ToList();
            return found.Select(entry => entry.Path);
        }

        private static IEnumerable<Entry> Below(Entry parent, string segment)
        {
            if (!parent.IsDirectory)
                return new Entry[0];
            if (!Paths.HasWildcard(segment))
            {
                Entry named = Disk.Find(Paths.Combine(parent.Path, segment));
                return named == null ? new Entry[0] : new Entry[] { EnterIfNamed(named) };
            }
            return Disk.List(parent.Path).Where(entry => Paths.Matches(entry.Name, segment));
        }

        /// <summary>A link to a folder that the pattern names literally counts as that folder.</summary>
        private static Entry EnterIfNamed(Entry named)
        {
            if (named.Link != null && named.Link.Target != null && IsDirectory(named.Link.Target))
                named.Kind = "directory";
            return named;
        }

        private static bool IsDirectory(string path)
        {
            Entry entry = Disk.Find(path);
            return entry != null && entry.IsDirectory;
        }
    }
}
