// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Programs;
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;

namespace ansible_collections.comindware.platform.plugins.module_utils._Processes
{
    /// <summary>The running processes by tasklist.exe.</summary>
    public static class Processes
    {
        private const int TimeoutSeconds = 60;

        public static Map Query(Map query)
        {
            List<string> names = query.Texts("names");
            return new Map { { "processes", All()
                .Where(process => Paths.MatchesAny(process.Text("name"), names))
                .Select(process => (object)process).ToList() } };
        }

        /// <summary>`{pid, name, session}` of each process. A line is
        /// `"w3wp.exe","1001","Services","0","12 345 K"`: session number and memory differ by language, the first
        /// two fields and the fourth do not.</summary>
        public static List<Map> All()
        {
            ProgramResult result = Programs.Run(Programs.System32("tasklist.exe"), TimeoutSeconds, "/FO", "CSV", "/NH");
            if (result.ExitCode != 0)
                throw result.Failed("The processes could not be listed");
            List<Map> processes = new List<Map>();
            foreach (string line in result.Output.Split('\n'))
            {
                List<string> fields = Regex.Matches(line, "\"([^\"]*)\"").Cast<Match>()
                    .Select(match => match.Groups[1].Value).ToList();
                long pid, session;
                if (fields.Count < 4 || !Number(fields[1], out pid) || !Number(fields[3], out session))
                    continue;
                processes.Add(new Map { { "pid", pid }, { "name", fields[0] }, { "session", session } });
            }
            return processes;
        }

        private static bool Number(string text, out long number)
        {
            return Int64.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        }
    }
}
