// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._AgentQuery;
using ansible_collections.comindware.platform.plugins.module_utils._BackupQuery;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._FileQueries;
using ansible_collections.comindware.platform.plugins.module_utils._HostQueries;
using ansible_collections.comindware.platform.plugins.module_utils._Http;
using ansible_collections.comindware.platform.plugins.module_utils._Iis;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._PathSources;
using ansible_collections.comindware.platform.plugins.module_utils._Processes;
using ansible_collections.comindware.platform.plugins.module_utils._ReadSpeed;
using ansible_collections.comindware.platform.plugins.module_utils._Services;
using ansible_collections.comindware.platform.plugins.module_utils._ZipQuery;
using System;
using System.Collections.Generic;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._Queries
{
    /// <summary>Asks the host; changes nothing.</summary>
    public static class Queries
    {
        private static readonly Dictionary<string, Func<Map, SourcePath, Map>> OfPaths =
            new Dictionary<string, Func<Map, SourcePath, Map>>
            {
                { "list", FileQueries.List },
                { "read", FileQueries.Read },
                { "tree_size", FileQueries.TreeSize },
                { "free_space", FileQueries.FreeSpace },
                { "file_version", FileQueries.FileVersion },
                { "holders", FileQueries.HoldersOf },
                { "read_speed", ReadSpeed.Describe },
                { "backup_set", BackupQuery.Describe },
                { "zip", ZipQuery.Describe },
            };

        private static readonly Dictionary<string, Func<Map, Map>> OfHost = new Dictionary<string, Func<Map, Map>>
        {
            { "agent", AgentQuery.Describe },
            { "registry", HostQueries.Registry },
            { "environment", HostQueries.EnvironmentVariables },
            { "identity", HostQueries.Identity },
            { "iis", Iis.Describe },
            { "services", Services.Query },
            { "processes", Processes.Query },
        };

        /// <summary>The answers by id; a query that fails answers its error and does not disturb the others.</summary>
        public static Map Answer(List<Map> queries)
        {
            Map answers = new Map();
            foreach (Map query in queries)
            {
                string id = query.Text("id");
                if (answers.ContainsKey(id))
                    throw Failure.BadRequest("Two queries have the id '" + id + "'.");
                try
                {
                    ShareSecrets(query, queries);
                    answers[id] = AnswerOne(query, answers);
                }
                catch (Exception error)
                {
                    answers[id] = new Map { { "error", Describe(Failure.From(error, null)) } };
                }
            }
            return answers;
        }

        /// <summary>Rules for secrets are long, so a query may name another one that has them.</summary>
        private static void ShareSecrets(Map query, List<Map> queries)
        {
            string other = query.Get("secrets") as string;
            if (other == null)
                return;
            Map rules = queries.Where(one => one.Text("id") == other).Select(one => one.Get("secrets") as Map).FirstOrDefault();
            if (rules == null)
                throw Failure.BadRequest("The query '" + other + "' has no rules for secrets.");
            query["secrets"] = rules;
        }

        public static Map AnswerOne(Map query, Map earlier)
        {
            string kind = query.Text("kind");
            PathSources sources = new PathSources(earlier);
            if (kind == "http")
                return Http.Query(query, sources);
            if (OfHost.ContainsKey(kind))
                return OfHost[kind](query);
            if (!OfPaths.ContainsKey(kind))
                throw Failure.BadRequest("Unknown kind of query: '" + kind + "'.");
            List<object> items = new List<object>();
            List<SourcePath> paths = sources.Resolve(query, "paths");
            foreach (SourcePath path in kind == "zip" ? ZipQuery.Choose(query, paths) : paths)
            {
                Map item = Item(OfPaths[kind], query, path);
                if (item != null)
                    items.Add(item);
            }
            return new Map { { "items", items } };
        }

        /// <summary>One odd path that the host named must not hide what is known about the others. Null for a file that
        /// was not asked for.</summary>
        private static Map Item(Func<Map, SourcePath, Map> ask, Map query, SourcePath path)
        {
            try
            {
                return ask(query, path);
            }
            catch (Exception error)
            {
                Failure failure = Failure.From(error, path.Path);
                if (path.Stated || !failure.IsNowhere)
                    throw;
                return new Map { { "path", path.Path }, { "exists", false }, { "error", Describe(failure) } };
            }
        }

        public static Map Describe(Failure failure)
        {
            return new Map { { "code", failure.Code }, { "message", failure.Message }, { "details", failure.Details } };
        }
    }
}
