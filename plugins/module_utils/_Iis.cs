// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._AppCmd;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using ansible_collections.comindware.platform.plugins.module_utils._Services;
using ansible_collections.comindware.platform.plugins.module_utils._Times;
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Xml;

namespace ansible_collections.comindware.platform.plugins.module_utils._Iis
{
    /// <summary>What IIS holds: sites, application pools and worker processes. Never a password.</summary>
    public static class Iis
    {
        /// <summary>The whole answer of the query `iis`.</summary>
        public static Map Describe(Map query)
        {
            Map services = new Map { { "W3SVC", Services.State("W3SVC") }, { "WAS", Services.State("WAS") } };
            Map answer = new Map { { "installed", AppCmd.IsInstalled }, { "services", services } };
            if (!AppCmd.IsInstalled)
            {
                answer["sites"] = answer["pools"] = answer["workers"] = new List<object>();
                return answer;
            }
            answer["sites"] = AppCmd.Read("list", "site", "/config:*").Select(site => (object)Site(site)).ToList();
            answer["pools"] = AppCmd.Read("list", "apppool", "/config:*").Select(pool => (object)Pool(pool)).ToList();
            answer["workers"] = Workers().Select(worker => (object)WithStart(worker)).ToList();
            return answer;
        }

        /// <summary>One site; refused with its name if IIS has none.</summary>
        public static Map FindSite(string name)
        {
            return Site(Only(RawSite(name), "site", name));
        }

        public static Map FindPool(string name)
        {
            return Pool(Only(RawPool(name), "application pool", name));
        }

        /// <summary>The configuration element of a site as appcmd prints it, or null.</summary>
        public static XmlElement RawSite(string name)
        {
            return AppCmd.Read("list", "site", "/config:*").FirstOrDefault(site => IsNamed(site, "SITE.NAME", name));
        }

        public static XmlElement RawPool(string name)
        {
            return AppCmd.Read("list", "apppool", "/config:*")
                .FirstOrDefault(pool => IsNamed(pool, "APPPOOL.NAME", name));
        }

        private static bool IsNamed(XmlElement element, string attribute, string name)
        {
            return String.Equals(element.GetAttribute(attribute), name, StringComparison.OrdinalIgnoreCase);
        }

        private static XmlElement Only(XmlElement element, string what, string name)
        {
            if (element == null)
                throw Failure.BadRequest("IIS has no " + what + " '" + name + "'. Look at the names in IIS Manager.");
            return element;
        }

        /// <summary>The worker processes: `{pid, pool}`.</summary>
        public static List<Map> Workers()
        {
            return AppCmd.Read("list", "wp").Select(worker => new Map
            {
                { "pid", Int64.Parse(worker.GetAttribute("WP.NAME"), CultureInfo.InvariantCulture) },
                { "pool", worker.GetAttribute("APPPOOL.NAME") },
            }).ToList();
        }

        /// <summary>Windows gives process ids again: with its start, one is told from the next. The offset of then is that
        /// of the times in logs of then: since, the clocks may have been changed.</summary>
        private static Map WithStart(Map worker)
        {
            DateTime? started = Seams.Current.ProcessStart((int)worker.Number("pid", 0));
            worker["started"] = started == null ? null : Times.Text(started.Value);
            worker["utc_offset_minutes"] = started == null ? null
                : (object)(long)TimeZoneInfo.Local.GetUtcOffset(started.Value).TotalMinutes;
            return worker;
        }

        public static List<Map> WorkersOf(string pool)
        {
            return Workers().Where(worker =>
                String.Equals(worker.Text("pool"), pool, StringComparison.OrdinalIgnoreCase)).ToList();
        }

        private static Map Site(XmlElement element)
        {
            XmlElement site = element["site"] ?? element;
            return new Map
            {
                { "name", element.GetAttribute("SITE.NAME") },
                { "id", Int64.Parse(element.GetAttribute("SITE.ID"), CultureInfo.InvariantCulture) },
                { "state", element.GetAttribute("state") },
                { "server_auto_start", IsOn(site, "serverAutoStart") },
                { "bindings", Bindings(element.GetAttribute("bindings")) },
                { "applications", Children(site, "application").Select(item => (object)Application(item)).ToList() },
            };
        }

        /// <summary>`http/*:80:,net.pipe/*`: split at the first slash.</summary>
        private static List<object> Bindings(string text)
        {
            return text.Split(new char[] { ',' }, StringSplitOptions.RemoveEmptyEntries)
                .Select(binding => binding.Split(new char[] { '/' }, 2))
                .Select(parts => (object)new Map { { "protocol", parts[0].ToLowerInvariant() },
                    { "information", parts.Length > 1 ? parts[1] : "" } }).ToList();
        }

        private static Map Application(XmlElement element)
        {
            return new Map
            {
                { "path", element.GetAttribute("path") },
                { "pool", element.GetAttribute("applicationPool") },
                { "virtual_directories", Children(element, "virtualDirectory").Select(item => (object)new Map
                    {
                        { "path", item.GetAttribute("path") },
                        { "physical_path", item.GetAttribute("physicalPath") },
                        { "expanded_path", Paths.Expand(item.GetAttribute("physicalPath")) },
                    }).ToList() },
            };
        }

        private static Map Pool(XmlElement element)
        {
            XmlElement pool = element["add"] ?? element;
            XmlElement process = pool["processModel"] ?? pool;
            TimeSpan limit;
            if (!TimeSpan.TryParse(process.GetAttribute("shutdownTimeLimit"), CultureInfo.InvariantCulture, out limit))
                limit = TimeSpan.FromSeconds(90);
            return new Map
            {
                { "name", element.GetAttribute("APPPOOL.NAME") },
                { "state", element.GetAttribute("state") },
                { "auto_start", IsOn(pool, "autoStart") },
                { "start_mode", Or(pool.GetAttribute("startMode"), "OnDemand") },
                { "identity_type", Or(process.GetAttribute("identityType"), "ApplicationPoolIdentity") },
                { "user_name", process.GetAttribute("userName") },
                { "runtime_version", element.GetAttribute("RuntimeVersion") },
                { "pipeline_mode", element.GetAttribute("PipelineMode") },
                { "shutdown_time_limit_seconds", (long)limit.TotalSeconds },
            };
        }

        private static IEnumerable<XmlElement> Children(XmlElement parent, string name)
        {
            return parent.ChildNodes.OfType<XmlElement>().Where(child => child.Name == name);
        }

        /// <summary>The automatic starts of IIS are on where nothing is written.</summary>
        private static bool IsOn(XmlElement element, string attribute)
        {
            return !String.Equals(element.GetAttribute(attribute), "false", StringComparison.OrdinalIgnoreCase);
        }

        private static string Or(string text, string otherwise)
        {
            return text.Length == 0 ? otherwise : text;
        }
    }
}
