// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Json;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Security;
using System.Text;
using System.Threading;

namespace Standin
{
    /// <summary>The file faults.json: what must go wrong at which point. While the folder `points` exists, every point at which
    /// something is about to change or has changed is written to it: process, number and name of the point, path.</summary>
    public class Faults
    {
        // They change nothing; news of progress come by the clock, so that no two traces would be the same. What a `sync` brings to
        // the disk belongs to the point around it.
        private static readonly string[] Looks = { "find", "list", "read", "read_security", "tell", "sync", "free_space", "open_key",
            "program_of" };
        // A call of these programs with these words looks only: nothing is different after it.
        private static readonly string[] LookingPrograms =
            { "appcmd.exe list", "sc.exe query", "tasklist.exe /FO" };
        private readonly string path;
        private readonly WatchedFile<List<object>> wanted;
        private readonly string points;
        private readonly string calls;
        private readonly string paused;
        private readonly string process;
        private readonly string command = Environment.GetEnvironmentVariable("STANDIN_COMMAND") ?? "";
        private readonly Drives drives;
        private readonly Flushed flushed;
        private long number = -1;
        private string refusal;

        public Faults(string host, string process, Drives drives)
        {
            this.drives = drives;
            flushed = new Flushed(host);
            path = Path.Combine(host, "faults.json");
            wanted = new WatchedFile<List<object>>(path,
                text => text == "" ? new List<object>() : (List<object>)Json.Parse(text));
            points = Path.Combine(host, "points");
            calls = Path.Combine(host, "calls");
            paused = Path.Combine(host, "paused." + process);
            this.process = process;
        }

        public void Play(string point, string file)
        {
            Count(point, file);
            flushed.Note(point, file);
            Map fault = Take(point, file);
            if (fault == null)
                return;
            switch (fault.Text("action"))
            {
                case "pause":
                    Wait(point, file);
                    return;
                case "refuse":
                    refusal = (fault.Flag("done", false) ? "after " : "before ") + fault.Text("how");
                    return;
                case "error":
                    int error = (int)fault.Number("win32", 5);
                    throw IsOfRegistry(point, file) ? OfRegistry(error) : Failure.Win32(error, file);
                case "gone":
                    throw new InvalidOperationException("Process has exited, so the requested information is not available.");
                case "delay":
                    Thread.Sleep((int)(fault.Number("seconds", 1) * 1000));
                    return;
                case "tear":
                    Tear(file);
                    goto case "kill";
                case "kill":
                    Process.GetCurrentProcess().Kill();
                    Thread.Sleep(Timeout.Infinite);
                    return;
                default:
                    throw new InvalidOperationException("faults.json: unknown action '" + fault.Text("action") + "'");
            }
        }

        private static bool IsOfRegistry(string point, string file)
        {
            return point.EndsWith("_key", StringComparison.Ordinal)
                || (file ?? "").StartsWith("HKEY_", StringComparison.Ordinal);
        }

        /// <summary>What RegistryKey of .NET throws: it names no key, and its number is no HRESULT.</summary>
        private static Exception OfRegistry(int error)
        {
            if (error == 5)
                return new SecurityException("Requested registry access is not allowed.");
            return new IOException(new Win32Exception(error).Message, error);
        }

        /// <summary>How the program that is started now has to refuse, or null.</summary>
        public string TakeRefusal()
        {
            string taken = refusal;
            refusal = null;
            return taken;
        }

        /// <summary>The points of all processes of this kind are numbered together from 1 on: a worker that is started again
        /// goes on where the one before it ended.</summary>
        private void Count(string point, string file)
        {
            if (!Native.Exists(points))
                return;
            // Processes of a kind follow one another; a file for each kind is never written by two at once.
            string trace = Path.Combine(points, process);
            if (number < 0)
                number = File.Exists(trace) ? File.ReadAllLines(trace).Length : 0;
            if (!IsLook(point.Substring(point.IndexOf(':') + 1), file))
            {
                number++;
                Append(trace, point, file);
            }
            if (point == "before:program" || point == "before:sync")
                Append(Path.Combine(Directory.CreateDirectory(calls).FullName, process), point + "\t" + command, file);
        }

        private static bool IsLook(string what, string file)
        {
            return Looks.Contains(what) || (what == "program"
                && LookingPrograms.Any(looking => file.StartsWith(looking, StringComparison.Ordinal)));
        }

        private void Append(string trace, string what, string file)
        {
            File.AppendAllText(trace, String.Join("\t", process, number, what, file) + "\n");
        }

        /// <summary>Leaves half of what was being written: of a line that was added, of a file that was copied, or of one that was
        /// written beside another.</summary>
        private void Tear(string file)
        {
            string beside = drives.RealPath(file + ".~agent-new");
            string torn = File.Exists(beside) ? beside : drives.RealPath(file);
            byte[] bytes = File.ReadAllBytes(torn);
            int line = bytes.Length < 2 ? -1 : Array.LastIndexOf(bytes, (byte)'\n', bytes.Length - 2);
            int begin = file.EndsWith(".jsonl", StringComparison.Ordinal) ? line + 1 : 0;
            using (FileStream stream = new FileStream(torn, FileMode.Open, FileAccess.Write))
                stream.SetLength(begin + (bytes.Length - begin) / 2);
        }

        /// <summary>Stands still until whoever plays the world has taken the file away.</summary>
        private void Wait(string point, string file)
        {
            string draft = Path.Combine(Path.GetDirectoryName(paused), "pausing." + process);
            File.WriteAllText(draft, String.Join("\t", process, number, point, file) + "\n");
            File.Move(draft, paused);
            while (File.Exists(paused))
                Thread.Sleep(2);
        }

        /// <summary>The first fault for this point, counted down on the disk.</summary>
        private Map Take(string point, string file)
        {
            // Asked at every byte that moves.
            if (Due(wanted.Content(), point, file) == null)
                return null;
            List<object> faults = wanted.Read();
            Map fault = Due(faults, point, file);
            if (fault == null)
                return null;
            fault["times"] = fault.Number("times", 1) - 1;
            string beside = path + "." + Process.GetCurrentProcess().Id;
            File.WriteAllText(beside, Json.Write(faults), new UTF8Encoding(false));
            File.Replace(beside, path, null);
            return fault;
        }

        private Map Due(List<object> faults, string point, string file)
        {
            return faults.Cast<Map>().FirstOrDefault(item => item.Number("times", 1) > 0 && IsHere(item)
                && IsAt(item.Text("point"), point) && Paths.Matches(file ?? "", item.Text("path", "*")));
        }

        /// <summary>A fault may want a kind of process (worker or module), and the number that a point has there at least.
        /// </summary>
        private bool IsHere(Map fault)
        {
            return fault.Text("process", process) == process && number >= fault.Number("number", number);
        }

        private static bool IsAt(string wanted, string point)
        {
            if (wanted == "*")
                return true;
            bool prefixed = wanted.StartsWith("before:", StringComparison.Ordinal)
                || wanted.StartsWith("after:", StringComparison.Ordinal);
            return String.Equals(prefixed ? wanted : "before:" + wanted, point, StringComparison.Ordinal);
        }
    }
}
