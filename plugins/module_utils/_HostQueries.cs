// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Hashes;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._RegistryStore;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using ansible_collections.comindware.platform.plugins.module_utils._Secrets;
using ansible_collections.comindware.platform.plugins.module_utils._Text;
using ansible_collections.comindware.platform.plugins.module_utils._Times;
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._HostQueries
{
    /// <summary>The queries about the host as a whole.</summary>
    public static class HostQueries
    {
        /// <summary>The account of this process.</summary>
        public static string User
        {
            get { return Environment.GetEnvironmentVariable("USERNAME") ?? Environment.UserName; }
        }

        private static string Machine
        {
            get { return Environment.GetEnvironmentVariable("COMPUTERNAME") ?? Environment.MachineName; }
        }

        /// <summary>Tells this machine from every other: a name repeats in networks behind address translation, the id of
        /// an installation in clones.</summary>
        private static string MachineId
        {
            get
            {
                Map id = RegistryStore.ReadValue("HKLM", 64, @"SOFTWARE\Microsoft\Cryptography", "MachineGuid");
                string text = Machine.ToUpperInvariant() + "\n" + (id == null ? "" : id.Text("data"));
                return Hashes.Of(Text.Utf8.GetBytes(text)).Substring(0, 32);
            }
        }

        /// <summary>Refuses a call that means another machine; null is any.</summary>
        public static void RefuseOther(string machine)
        {
            if (machine != null && machine != MachineId)
                throw new Failure("other_machine", "This is " + Machine + ", another machine than the one that was inspected, so "
                    + "nothing was done here. Its address and port lead here now: look at them in the inventory, and at names, "
                    + "tunnels and balancers between.", new Map { { "machine", Machine } });
        }

        public static Map Identity(Map query)
        {
            return new Map
            {
                { "administrator", Seams.Current.IsAdministrator() },
                { "user", User },
                { "machine", Machine },
                { "machine_id", MachineId },
                { "os_version", Environment.OSVersion.VersionString },
                { "is_64bit_process", Environment.Is64BitProcess },
                { "culture", CultureInfo.CurrentCulture.Name },
                { "time", Times.Text(Seams.Current.Now()) },
                { "utc_offset_minutes", (long)TimeZoneInfo.Local.GetUtcOffset(Seams.Current.Now()).TotalMinutes },
            };
        }

        public static Map EnvironmentVariables(Map query)
        {
            Map machine = new Map();
            foreach (string name in query.Texts("machine"))
            {
                Map value = RegistryStore.ReadValue("HKLM", 64, RegistryStore.EnvironmentKey, name);
                machine[name] = value == null ? null : value.Get("data");
            }
            Map process = new Map();
            foreach (string name in query.Texts("process"))
                process[name] = Environment.GetEnvironmentVariable(name);
            return new Map { { "machine", machine }, { "process", process } };
        }

        public static Map Registry(Map query)
        {
            List<object> views = query.Items("views");
            if (views.Count == 0)
                views = new List<object> { 64L, 32L };
            List<string> names = query.Texts("names");
            Map answer = new Map();
            foreach (object view in views)
            {
                if (!view.Equals(64L) && !view.Equals(32L))
                    throw Failure.BadRequest("A registry view is 64 or 32, not '" + view + "'.");
                Map key = RegistryStore.ReadKey(query.Text("hive", "HKLM"), (int)(long)view,
                    query.Text("key"), query.Flag("recurse", true), new Secrets(query.Child("secrets")));
                if (names.Count > 0)
                    KeepValues(key, names);
                answer[view.ToString()] = key;
            }
            return new Map { { "views", answer } };
        }

        /// <summary>Only the values of these names, in the key and below it: what was not asked for stays on the host.
        /// </summary>
        private static void KeepValues(Map key, List<string> names)
        {
            Map values = key.Get("values") as Map;
            foreach (string name in values == null ? new List<string>() : values.Keys.ToList())
            {
                if (!Paths.MatchesAny(name, names))
                    values.Remove(name);
            }
            Map keys = key.Get("keys") as Map;
            foreach (Map below in keys == null ? new List<Map>() : keys.Values.OfType<Map>().ToList())
                KeepValues(below, names);
        }
    }
}
