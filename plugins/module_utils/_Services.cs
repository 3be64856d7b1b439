// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Programs;
using ansible_collections.comindware.platform.plugins.module_utils._RegistryStore;
using ansible_collections.comindware.platform.plugins.module_utils._Retry;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using ansible_collections.comindware.platform.plugins.module_utils._Secrets;
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;

namespace ansible_collections.comindware.platform.plugins.module_utils._Services
{
    /// <summary>Services of Windows: what there is by the registry, in which state by sc.exe.</summary>
    public static class Services
    {
        public const string Running = "running";
        public const string Stopped = "stopped";
        private const string Key = @"SYSTEM\CurrentControlSet\Services";
        private const int TimeoutSeconds = 60;
        private const int AlreadyRunning = 1056;
        private const int CannotAcceptControl = 1061;
        private const int NotStarted = 1062;
        private const long Automatic = 2;
        private const long SoonAfterBootMilliseconds = 15 * 60 * 1000;

        // SERVICE_STATUS.dwCurrentState as Microsoft documents it
        private static readonly string[] States = { "unknown", Stopped, "start_pending", "stop_pending", Running,
            "continue_pending", "pause_pending", "paused" };
        private static readonly string[] StartTypes = { "boot", "system", "automatic", "manual", "disabled" };

        public static Map Query(Map query)
        {
            List<string> names = query.Texts("names");
            Map keys = RegistryStore.ReadKey("HKLM", 64, Key, false, new Secrets(null)).Child("keys");
            IEnumerable<string> wanted = keys.Keys.Where(name => names.Count > 0 && Paths.MatchesAny(name, names));
            List<object> services = wanted.Select(name => (object)Describe(name))
                .Where(found => found != null).ToList();
            return new Map { { "services", services } };
        }

        private static Map Describe(string name)
        {
            Map values = RegistryStore.ReadKey("HKLM", 64, Key + @"\" + name, false, new Secrets(null)).Child("values");
            // Drivers have no ImagePath of a program or type 1 and 2; only types from 16 on are services.
            if (Data(values, "Type", 16L) is long && (long)Data(values, "Type", 16L) < 16)
                return null;
            long start = (long)Data(values, "Start", 3L);
            return new Map
            {
                { "name", name },
                { "display_name", Data(values, "DisplayName", name) },
                { "state", State(name) },
                { "start_type", start >= 0 && start < StartTypes.Length ? StartTypes[start] : "unknown" },
                { "image_path", Data(values, "ImagePath", null) },
            };
        }

        private static object Data(Map values, string name, object otherwise)
        {
            string key = values.Keys.FirstOrDefault(item =>
                String.Equals(item, name, StringComparison.OrdinalIgnoreCase));
            return key == null ? otherwise : values.Child(key).Get("data");
        }

        public static bool Exists(string name)
        {
            return RegistryStore.KeyExists("HKLM", 64, Key + @"\" + name);
        }

        /// <summary>One of the state names, or null if there is no such service.</summary>
        public static string State(string name)
        {
            if (!Exists(name))
                return null;
            ProgramResult result = Sc("query", name);
            if (result.ExitCode != 0)
                throw result.Refused("The service '" + name + "' could not be read");
            // `        STATE              : 4  RUNNING`: labels are translated, the number before an English state
            // name is not; TYPE and the exit codes have no such name behind their number.
            Match match = Regex.Match(result.Output,
                @":\s*([1-7])\s+(STOPPED|START_PENDING|STOP_PENDING|RUNNING|CONTINUE_PENDING|PAUSE_PENDING|PAUSED)\b");
            if (!match.Success)
                throw result.Failed("The state of the service '" + name + "' could not be read");
            return States[Int32.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)];
        }

        public static bool Start(string name, double seconds)
        {
            return Change(name, "start", Running, AlreadyRunning, seconds);
        }

        public static bool Stop(string name, double seconds)
        {
            return Change(name, "stop", Stopped, NotStarted, seconds);
        }

        /// <summary>Asks until the service is in the state; false when the time is over.</summary>
        private static bool Change(string name, string verb, string wanted, int alreadySo, double seconds)
        {
            bool asked = false;
            return Retry.Until(seconds, delegate
            {
                if (State(name) == wanted)
                    return true;
                if (!asked)
                {
                    ProgramResult result = Sc(verb, name);
                    // A service that is starting or stopping takes no orders: ask again in a moment.
                    asked = result.ExitCode != CannotAcceptControl;
                    if (asked && result.ExitCode != 0 && result.ExitCode != alreadySo)
                        throw result.Refused("The service '" + name + "' did not " + verb);
                }
                return State(name) == wanted;
            });
        }

        /// <summary>Soon after a boot: waits for services that start by themselves. Later they are stopped on purpose.
        /// </summary>
        public static void WaitForAutomatic(double seconds, params string[] names)
        {
            if (Seams.Current.Uptime() > SoonAfterBootMilliseconds)
                return;
            foreach (string name in names)
            {
                Map start = RegistryStore.ReadValue("HKLM", 64, Key + @"\" + name, "Start");
                if (start != null && start.Number("data", 0) == Automatic)
                    Retry.Until(seconds, () => State(name) == Running);
            }
        }

        private static ProgramResult Sc(string verb, string name)
        {
            if (!Exists(name))
                throw Failure.BadRequest("There is no service '" + name + "' on this host.");
            return Programs.Run(Programs.System32("sc.exe"), TimeoutSeconds, verb, name);
        }
    }
}
