// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Json;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;

namespace Standin
{
    /// <summary>The file faults.json: what must go wrong at which point.</summary>
    public class Faults
    {
        private readonly string path;

        public Faults(string host)
        {
            path = Path.Combine(host, "faults.json");
        }

        public void Play(string point, string file)
        {
            // Asked at every byte that moves: an empty list is not worth parsing.
            if (!File.Exists(path) || new FileInfo(path).Length <= "[]\n".Length)
                return;
            Map fault = Take(point, file);
            if (fault == null)
                return;
            switch (fault.Text("action"))
            {
                case "error":
                    throw Failure.Win32((int)fault.Number("win32", 5), file);
                case "delay":
                    Thread.Sleep((int)(fault.Number("seconds", 1) * 1000));
                    return;
                case "kill":
                    Process.GetCurrentProcess().Kill();
                    Thread.Sleep(Timeout.Infinite);
                    return;
                default:
                    throw new InvalidOperationException("faults.json: unknown action '" + fault.Text("action") + "'");
            }
        }

        /// <summary>The first fault for this point, counted down on the disk.</summary>
        private Map Take(string point, string file)
        {
            List<object> faults = (List<object>)Json.Parse(File.ReadAllText(path));
            Map fault = faults.Cast<Map>().FirstOrDefault(item => item.Number("times", 1) > 0
                && IsAt(item.Text("point"), point) && Paths.Matches(file ?? "", item.Text("path", "*")));
            if (fault == null)
                return null;
            fault["times"] = fault.Number("times", 1) - 1;
            string beside = path + "." + Process.GetCurrentProcess().Id;
            File.WriteAllText(beside, Json.Write(faults), new UTF8Encoding(false));
            File.Replace(beside, path, null);
            return fault;
        }

        private static bool IsAt(string wanted, string point)
        {
            bool prefixed = wanted.StartsWith("before:", StringComparison.Ordinal)
                || wanted.StartsWith("after:", StringComparison.Ordinal);
            return String.Equals(prefixed ? wanted : "before:" + wanted, point, StringComparison.Ordinal);
        }
    }
}
