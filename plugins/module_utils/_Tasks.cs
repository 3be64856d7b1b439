// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._CommandLine;
using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Durable;
using ansible_collections.comindware.platform.plugins.module_utils._Programs;
using ansible_collections.comindware.platform.plugins.module_utils._RegistryStore;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using ansible_collections.comindware.platform.plugins.module_utils._Text;
using System;
using System.Globalization;
using System.Linq;
using System.Security;

namespace ansible_collections.comindware.platform.plugins.module_utils._Tasks
{
    /// <summary>Scheduled tasks by schtasks.exe, judged by its exit code.</summary>
    public static class Tasks
    {
        private const int TimeoutSeconds = 120;

        // Defaults that would hurt: a limit of three days, priority 7 (below normal, for disks too), not on batteries.
        private const string Form = @"<?xml version=""1.0"" encoding=""UTF-16""?>
<Task version=""1.2"" xmlns=""http://schemas.microsoft.com/windows/2004/02/mit/task"">
  <Triggers>
    <BootTrigger><Enabled>true</Enabled></BootTrigger>
    <TimeTrigger>
      <Repetition><Interval>PT5M</Interval><StopAtDurationEnd>false</StopAtDurationEnd></Repetition>
      <StartBoundary>{0}</StartBoundary>
      <Enabled>true</Enabled>
    </TimeTrigger>
    <TimeTrigger><StartBoundary>{1}</StartBoundary><Enabled>true</Enabled></TimeTrigger>
  </Triggers>
  <Principals>
    <Principal id=""Author""><UserId>S-1-5-18</UserId><RunLevel>HighestAvailable</RunLevel></Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <Enabled>true</Enabled>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>5</Priority>
  </Settings>
  <Actions Context=""Author"">
    <Exec><Command>{2}</Command><Arguments>{3}</Arguments></Exec>
  </Actions>
</Task>
";

        /// <summary>Registers or replaces a task that runs at boot, at the moment `at` in UTC, and every five minutes:
        /// a worker that is killed is followed by another one, and a clock that is set back delays nothing for long.
        /// </summary>
        public static void Register(string name, string program, string[] arguments, DateTime at, string file)
        {
            string line = String.Join(" ", arguments.Select(CommandLine.Quote));
            string xml = String.Format(CultureInfo.InvariantCulture, Form,
                // It began before any time to which the clock may be set, and comes first in half of its interval.
                Moment(Seams.Current.Now().AddMinutes(-120 + 2.5)),
                // A trigger has whole seconds, and must not fire before its moment.
                Moment(at.AddSeconds(1)),
                SecurityElement.Escape(CommandLine.Quote(program)), SecurityElement.Escape(line));
            Disk.Write(file, Text.Encode(xml.Replace("\r", "").Replace("\n", "\r\n"), "utf-16-le"));
            Do("The scheduled task '" + name + "' could not be registered", "/Create", "/TN", name, "/XML", file, "/F");
            // The scheduler keeps a task in this hive and in a file.
            RegistryStore.Flush("HKLM", 64, "SOFTWARE");
            Durable.FlushIfOpen(FileOf(name));
        }

        private static string FileOf(string name)
        {
            return Programs.System32("Tasks" + name);
        }

        private static string Moment(DateTime utc)
        {
            return utc.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        }

        /// <summary>Starts a task now; one that runs already is left alone.</summary>
        public static void Run(string name)
        {
            Do("The scheduled task '" + name + "' could not be started", "/Run", "/TN", name);
        }

        /// <summary>Judged by the scheduler's file: schtasks.exe ends with 1 for a task that is not there and for any refusal.</summary>
        public static bool Exists(string name)
        {
            return Disk.Find(FileOf(name)) != null;
        }

        public static void Delete(string name)
        {
            if (Exists(name))
                Do("The scheduled task '" + name + "' could not be deleted", "/Delete", "/TN", name, "/F");
        }

        private static void Do(string failed, params string[] arguments)
        {
            ProgramResult result = Programs.Run(Programs.System32("schtasks.exe"), TimeoutSeconds, arguments);
            if (result.ExitCode != 0)
                throw result.Refused(failed);
        }
    }
}
