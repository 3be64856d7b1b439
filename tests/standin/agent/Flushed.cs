// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Diagnostics;
using System.IO;
using System.Linq;

namespace Standin
{
    /// <summary>What a power loss would leave: while the folder `flushed` exists, it is the state of each store as it was when it
    /// was flushed last. NTFS keeps one log of its changes, and the flush of any file brings all before it to the disk; the
    /// registry, the configuration of IIS and the scheduled tasks are stores of their own.</summary>
    public class Flushed
    {
        private static readonly string[] OfFiles = { "after:append", "after:write", "after:copy", "after:flush" };
        private readonly string host;
        private readonly string folder;

        public Flushed(string host)
        {
            this.host = host;
            folder = Path.Combine(host, "flushed");
        }

        public void Note(string point, string file)
        {
            if (!point.StartsWith("after:", StringComparison.Ordinal) || !Native.Exists(folder))
                return;
            if (point == "after:flush_key")
                Keep("registry");
            if (!OfFiles.Contains(point))
                return;
            Keep("drives");
            if (point == "after:flush" && file.EndsWith("applicationHost.config", StringComparison.OrdinalIgnoreCase))
                Keep("iis.json");
            if (point == "after:flush" && file.IndexOf(@"\System32\Tasks\", StringComparison.OrdinalIgnoreCase) > 0)
                Keep("tasks");
        }

        private void Keep(string store)
        {
            string from = Path.Combine(host, store);
            // Nearly nothing has changed since the last time.
            string arguments = "-a --delete --modify-window=-1 \"" + from + (Directory.Exists(from) ? "/" : "") + "\" \""
                + Path.Combine(folder, store) + "\"";
            using (Process copy = Process.Start("rsync", arguments))
            {
                copy.WaitForExit();
                if (copy.ExitCode != 0)
                    throw new InvalidOperationException("rsync ended with " + copy.ExitCode + ": " + arguments);
            }
        }
    }
}
