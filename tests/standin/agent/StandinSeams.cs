// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Json;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using ansible_collections.comindware.platform.plugins.module_utils._Times;
using Microsoft.Win32;
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace Standin
{
    /// <summary>The seams of one stand-in host: the folder in $STANDIN_HOST plays the disks of Windows.</summary>
    public class StandinSeams : Seams
    {
        private const string ExitCodeFile = "STANDIN_EXIT_CODE_FILE";
        private const string Refusal = "STANDIN_REFUSAL";
        private const int PauseMilliseconds = 10;
        private const long DayMilliseconds = 24 * 3600 * 1000;
        private readonly string host;
        private readonly Drives drives;
        private readonly Links links;
        private readonly SecurityFile security;
        private readonly HeldFiles held;
        private readonly Faults faults;
        private readonly Settings settings;
        private readonly Shares shares;
        private readonly bool isWorker;

        public StandinSeams(string host, string process)
        {
            this.host = host;
            isWorker = process == "worker";
            settings = new Settings(host);
            shares = new Shares(host, settings, isWorker);
            drives = new Drives(host, settings, shares);
            links = new Links(drives, settings);
            security = new SecurityFile(host);
            held = new HeldFiles(host);
            faults = new Faults(host, process, drives);
        }

        /// <summary>Takes the host from the environment. `process` is worker or module.</summary>
        public static void Install(string process)
        {
            string host = Environment.GetEnvironmentVariable("STANDIN_HOST");
            if (String.IsNullOrEmpty(host))
                throw new InvalidOperationException("STANDIN_HOST must name the folder of the stand-in host.");
            Seams.Current = new StandinSeams(host, process);
        }

        public override string RealPath(string path)
        {
            return drives.RealPath(path);
        }

        /// <summary>Mono has no registry views: the 32-bit one of SOFTWARE is the key that Windows redirects to.
        /// </summary>
        public override string RegistryKey(string key, int view)
        {
            faults.Play("before:open_key", key);
            if (view == 64)
                return key;
            return Regex.Replace(key, @"^SOFTWARE(?=\\|$)(?!\\WOW6432Node)", @"SOFTWARE\WOW6432Node",
                RegexOptions.IgnoreCase);
        }

        public override void FlushKey(RegistryKey key)
        {
            faults.Play("before:sync", key.Name);
            key.Flush();
            faults.Play("after:flush_key", key.Name);
        }

        /// <summary>Flush(true) of Mono asks the kernel too, and swallows its answer.</summary>
        public override void Flush(FileStream file, string path)
        {
            file.Flush();
            Native.Flush(file, path);
            faults.Play("before:sync", path);
        }

        public override Link ReadLink(string path)
        {
            return links.Read(path);
        }

        public override void CreateLink(string path, Link link)
        {
            links.Create(path, link);
        }

        public override void RemoveLink(string path, Link link)
        {
            links.Remove(path);
        }

        public override bool IsAdministrator()
        {
            return settings.Flag("administrator", true);
        }

        /// <summary>WinRM gives its modules such a logon, delegation or not; a task has another one.</summary>
        public override bool IsNetworkLogon()
        {
            return !isWorker;
        }

        public override string ReadSecurity(string path)
        {
            return security.Read(path);
        }

        public override void WriteSecurity(string path, string sddl)
        {
            security.Write(path, sddl);
        }

        public override void CreateSecuredDirectory(string path, string sddl)
        {
            string real = drives.RealPath(path);
            if (Directory.Exists(real) || File.Exists(real))
                throw Failure.Win32(183, path);
            if (!Directory.Exists(Path.GetDirectoryName(real)))
                throw Failure.Win32(3, path);
            // Windows creates a folder together with its access list: nobody may see it without.
            security.Write(path, sddl);
            if (!Native.CreateDirectory(real))
                throw Failure.Win32(183, path);
        }

        public override List<Holder> Holders(IEnumerable<string> files)
        {
            files = files.ToList();
            // The Restart Manager knows files only.
            string folder = files.FirstOrDefault(file => Directory.Exists(drives.RealPath(file)));
            if (folder != null)
                throw Failure.Win32(5, folder);
            return held.Holders(files);
        }

        public override string ProgramOf(int pid)
        {
            faults.Play("before:program_of", pid.ToString());
            return held.ProgramOf(pid);
        }

        public override DateTime? ProcessStart(int pid)
        {
            return held.Started(pid);
        }

        public override Space FreeSpace(string directory)
        {
            faults.Play("before:free_space", directory);
            string place = drives.RealPath(directory);
            // ERROR_DIRECTORY, or ERROR_PATH_NOT_FOUND
            if (!Directory.Exists(place))
                throw Failure.Win32(File.Exists(place) ? 267 : 3, directory);
            string root = Paths.Root(links.Resolve(directory));
            if (Shares.IsShare(root))
            {
                DriveInfo share = new DriveInfo(shares.Folder(root));
                return new Space { Volume = root, FreeBytes = shares.FreeBytes(root, share.AvailableFreeSpace),
                    TotalBytes = share.TotalSize };
            }
            string drive = root.Substring(0, 1).ToLowerInvariant();
            DriveInfo real = new DriveInfo(drives.RealPath(root));
            return new Space
            {
                Volume = root,
                FreeBytes = settings.Child("free_bytes").Number(drive, real.AvailableFreeSpace),
                TotalBytes = real.TotalSize,
            };
        }

        public override DateTime Now()
        {
            return DateTime.UtcNow.AddSeconds(settings.Number("clock_seconds", 0));
        }

        /// <summary>The host was started long before the machine that plays it, as only a start just now makes a difference.
        /// </summary>
        public override long Uptime()
        {
            return DayMilliseconds + Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1000)
                + settings.Number("uptime_seconds", 0) * 1000;
        }

        public override void Mark(string name)
        {
            Directory.CreateDirectory(Marks());
            File.WriteAllText(Path.Combine(Marks(), name), "");
        }

        public override bool IsMarked(string name)
        {
            return File.Exists(Path.Combine(Marks(), name));
        }

        public override void Unmark(string name)
        {
            if (IsMarked(name))
                File.Delete(Path.Combine(Marks(), name));
        }

        /// <summary>Gone with each start of the host.</summary>
        private string Marks()
        {
            return Path.Combine(host, "marks");
        }

        public override IDisposable TryLock(string path, string holder)
        {
            string real = drives.RealPath(path);
            ProcessLock mine = ProcessLock.TryForATime(real);
            if (mine != null && holder != "")
                File.WriteAllText(real, holder);
            return mine;
        }

        /// <summary>Mono splits a command line as a POSIX shell does.</summary>
        public override string QuoteArgument(string argument)
        {
            return "\"" + Regex.Replace(argument, "([\\\\\"$`])", "\\$1") + "\"";
        }

        /// <summary>Linux cuts an exit code to 8 bits: the look-alike programs write the whole one to a file.</summary>
        public override void BeforeStart(ProcessStartInfo start)
        {
            start.EnvironmentVariables[ExitCodeFile] = Path.Combine(host, "exit-code-" + Guid.NewGuid().ToString("N"));
            string refusal = faults.TakeRefusal();
            if (refusal != null)
                start.EnvironmentVariables[Refusal] = refusal;
        }

        public override double Patience(double seconds)
        {
            return seconds * settings.Number("patience_percent", 100) / 100;
        }

        /// <summary>A program that plays one without an end, or one that ends when its time is over, says so in a file.
        /// </summary>
        public override bool WaitForEnd(Process process, int seconds)
        {
            if (process.StartInfo.EnvironmentVariables[Refusal] == null)
                return process.WaitForExit(seconds * 1000);
            string endless = process.StartInfo.EnvironmentVariables[ExitCodeFile] + ".endless";
            while (!process.WaitForExit(PauseMilliseconds) && !File.Exists(endless))
                continue;
            bool ended = !File.Exists(endless);
            if (process.StartInfo.EnvironmentVariables[Refusal].EndsWith(" late", StringComparison.Ordinal))
                process.WaitForExit();
            File.Delete(endless);
            return ended;
        }

        public override int ExitCode(Process process)
        {
            string file = process.StartInfo.EnvironmentVariables[ExitCodeFile];
            if (!File.Exists(file))
                return process.ExitCode;
            string code = File.ReadAllText(file);
            File.Delete(file);
            return unchecked((int)Int64.Parse(code));
        }

        public override ProcessTree Hold(Process process)
        {
            return new HeldProcesses(ExitCodeFile, process.StartInfo.EnvironmentVariables[ExitCodeFile]);
        }

        public override void Point(string name, string path)
        {
            if (name.StartsWith("before:", StringComparison.Ordinal))
            {
                held.Refuse(name.Substring("before:".Length), path);
                shares.Refuse(name.Substring("before:".Length), path);
            }
            if (name == "after:delete" || name == "after:remove_link")
                security.Forget(path);
            if (name == "after:replace")
                security.Replaced(path);
            faults.Play(name, path);
        }
    }

    /// <summary>settings.json of the host, looked at at each question so that a test can change it.</summary>
    public class Settings
    {
        private readonly WatchedFile<Map> file;

        public Settings(string host)
        {
            file = WatchedFile.OfMap(Path.Combine(host, "settings.json"));
        }

        public bool Flag(string name, bool otherwise)
        {
            return file.Content().Flag(name, otherwise);
        }

        public long Number(string name, long otherwise)
        {
            return file.Content().Number(name, otherwise);
        }

        public Map Child(string name)
        {
            return file.Content().Child(name) ?? new Map();
        }
    }

    /// <summary>The file `held`: which process holds which file, or all files below a folder. As w3wp does, holders
    /// share reading and refuse writing and deleting.</summary>
    public class HeldFiles
    {
        private static readonly string[] Refused =
            { "write", "replace", "append", "delete", "set_attributes", "remove_link" };
        private readonly string started;
        private readonly WatchedFile<List<Holder>> held;

        public HeldFiles(string host)
        {
            started = Path.Combine(host, "started");
            held = new WatchedFile<List<Holder>>(Path.Combine(host, "held"), Parse);
        }

        public List<Holder> Holders(IEnumerable<string> files)
        {
            List<Holder> all = held.Content();
            return files.SelectMany(file => all.Where(holder => Paths.IsWithin(file, holder.Path))
                .Select(holder => new Holder { Pid = holder.Pid, Path = file })).ToList();
        }

        public string ProgramOf(int pid)
        {
            Holder found = held.Content().FirstOrDefault(holder => holder.Pid == pid);
            if (found == null)
                throw new ArgumentException("Process with an Id of " + pid + " is not running.");
            return found.Name;
        }

        public void Refuse(string call, string file)
        {
            if (Refused.Contains(call) && Holders(new string[] { file }).Count > 0)
                throw Failure.Win32(32, file);
        }

        /// <summary>A line of `started` is a process id and a time.</summary>
        public DateTime? Started(int pid)
        {
            string line = File.ReadAllLines(started).FirstOrDefault(one => one.StartsWith(pid + "\t"));
            return line == null ? (DateTime?)null : Times.Parse(line.Split('\t')[1]);
        }

        private static List<Holder> Parse(string text)
        {
            return text.Split('\n').Select(line => line.Split('\t')).Where(parts => parts.Length == 3)
                .Select(parts => new Holder { Pid = Int32.Parse(parts[0]), Name = parts[1],
                    Path = Paths.Normalise(parts[2]) }).ToList();
        }
    }
}
