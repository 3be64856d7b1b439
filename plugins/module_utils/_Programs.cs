// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using ansible_collections.comindware.platform.plugins.module_utils._Text;
using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;

namespace ansible_collections.comindware.platform.plugins.module_utils._Programs
{
    public class ProgramResult
    {
        private const int MaximumOutput = 4000;

        public string Program;
        public int ExitCode;
        public string Output;

        /// <summary>Was it stopped, as its time was over? Then there is no exit code.</summary>
        public bool TimedOut;

        /// <summary>The Win32 number of a program whose exit code is one, or the HRESULT of one.</summary>
        public int Number
        {
            get { return (ExitCode >> 16) == unchecked((int)0xFFFF8007) ? ExitCode & 0xFFFF : ExitCode; }
        }

        /// <summary>The failure of such a program.</summary>
        public Failure Refused(string what)
        {
            Failure failure = Failed(what);
            failure.Details["number"] = (long)Number;
            return failure;
        }

        /// <summary>The failure for a result that nobody expected.</summary>
        public Failure Failed(string what)
        {
            string output = Presentable(Output.Trim());
            return new Failure("program_failed", what + ": " + Program + " ended with exit code "
                + unchecked((uint)ExitCode) + (output.Length == 0 ? "." : " and said: " + output),
                new Map { { "program", Program }, { "exit_code", (long)unchecked((uint)ExitCode) },
                    { "output", output } });
        }

        /// <summary>Without passwords (appcmd prints those of application pools in clear), and no longer than anybody
        /// reads: a failure goes into the journal and to the controller.</summary>
        private static string Presentable(string output)
        {
            output = Regex.Replace(output, @"(?i)(password\s*=\s*"")[^""]*", "$1");
            return output.Length <= MaximumOutput ? output : output.Substring(0, MaximumOutput) + "...";
        }
    }

    /// <summary>The programs of Windows, without a shell.</summary>
    public static class Programs
    {
        private const int EndingMilliseconds = 3000;

        /// <summary>The path of a program below System32, as a 32-bit process must name it too.</summary>
        public static string System32(string relative)
        {
            bool redirected = Environment.Is64BitOperatingSystem && !Environment.Is64BitProcess;
            return Paths.Expand(@"%windir%\" + (redirected ? "Sysnative" : "System32") + @"\" + relative);
        }

        /// <summary>Runs a program to its end.</summary>
        public static ProgramResult Run(string program, int timeoutSeconds, params string[] arguments)
        {
            ProgramResult result = TryRun(program, timeoutSeconds, arguments);
            if (result == null)
                throw new Failure("program_failed", "'" + program + "' did not end within " + timeoutSeconds
                    + " seconds and was stopped.", new Map { { "program", program }, { "exit_code", null },
                    { "output", "" } });
            return result;
        }

        /// <summary>Runs a program; null if it did not end in time and was stopped. Both streams are read as bytes and
        /// decoded afterwards.</summary>
        public static ProgramResult TryRun(string program, int timeoutSeconds, params string[] arguments)
        {
            string called = String.Join(" ", new string[] { Paths.Name(program) }.Concat(arguments.Take(2)));
            Seams.Current.Point("before:program", called);
            using (Process process = Process.Start(Start(program, arguments)))
            {
                Reading output = new Reading(process.StandardOutput.BaseStream);
                Reading errors = new Reading(process.StandardError.BaseStream);
                if (!Seams.Current.WaitForEnd(process, timeoutSeconds))
                {
                    Stop(process);
                    return null;
                }
                Seams.Current.Point("after:program", called);
                return new ProgramResult { Program = Paths.Name(program), ExitCode = Seams.Current.ExitCode(process),
                    Output = output.All() + errors.All() };
            }
        }

        private static ProcessStartInfo Start(string program, IEnumerable<string> arguments)
        {
            if (Disk.Find(program) == null)
                throw new Failure("program_failed", "'" + program + "' is not on this host.",
                    new Map { { "program", program }, { "exit_code", null }, { "output", "" } });
            ProcessStartInfo start = new ProcessStartInfo(Seams.Current.RealPath(program));
            start.Arguments = String.Join(" ", arguments.Select(Seams.Current.QuoteArgument));
            start.UseShellExecute = false;
            start.CreateNoWindow = true;
            start.RedirectStandardOutput = true;
            start.RedirectStandardError = true;
            Seams.Current.BeforeStart(start);
            return start;
        }

        /// <summary>Runs a program in a folder, with nobody to answer its questions. What it has started lives on only
        /// after a success: not when the time is over, not after a failure, and not when this process dies.</summary>
        public static ProgramResult RunTree(string program, string folder, long timeoutSeconds,
            IEnumerable<string> arguments, Func<ProgramResult, bool> succeeded)
        {
            ProcessStartInfo start = Start(program, arguments);
            start.WorkingDirectory = Seams.Current.RealPath(folder);
            start.RedirectStandardInput = true;
            using (Process process = Process.Start(start))
            using (ProcessTree tree = Held(process))
            {
                Reading output = new Reading(process.StandardOutput.BaseStream);
                Reading errors = new Reading(process.StandardError.BaseStream);
                process.StandardInput.Close();
                bool ended = process.WaitForExit((int)Math.Min(timeoutSeconds * 1000, Int32.MaxValue));
                ProgramResult result = new ProgramResult { Program = Paths.Name(program), TimedOut = !ended,
                    ExitCode = ended ? Seams.Current.ExitCode(process) : 0 };
                // Before the output, which would wait for whoever keeps it open.
                if (!ended || result.ExitCode != 0)
                    tree.Kill();
                result.Output = output.SoFar() + errors.SoFar();
                if (succeeded(result))
                    tree.Release();
                return result;
            }
        }

        private static ProcessTree Held(Process process)
        {
            try
            {
                return Seams.Current.Hold(process);
            }
            catch (Exception)
            {
                Stop(process);
                throw;
            }
        }

        /// <summary>Kills a process, which may have ended by itself just now.</summary>
        private static void Stop(Process process)
        {
            try
            {
                process.Kill();
            }
            catch (InvalidOperationException)
            {
                // It has ended.
            }
            catch (Win32Exception)
            {
                // 5 ERROR_ACCESS_DENIED is the answer for one that is ending.
                if (!process.WaitForExit(EndingMilliseconds))
                    throw;
            }
        }

        /// <summary>One stream of a program, read in its own thread: a full pipe would stop the program.</summary>
        private class Reading
        {
            private const int LastWordsMilliseconds = 3000;
            private readonly List<byte> bytes = new List<byte>();
            private readonly Thread thread;

            public Reading(Stream from)
            {
                thread = new Thread(() => Read(from));
                thread.IsBackground = true;
                thread.Start();
            }

            private void Read(Stream from)
            {
                byte[] buffer = new byte[4096];
                try
                {
                    int got;
                    while ((got = from.Read(buffer, 0, buffer.Length)) > 0)
                    {
                        lock (bytes)
                            bytes.AddRange(new ArraySegment<byte>(buffer, 0, got));
                    }
                }
                catch (Exception)
                {
                    // Closed, as nobody waits for it any more; in a thread of its own it would end the whole process.
                }
            }

            public string All()
            {
                thread.Join();
                return SoFar();
            }

            /// <summary>All of it, or what has come if something that the program has started keeps the stream open.
            /// </summary>
            public string SoFar()
            {
                thread.Join(LastWordsMilliseconds);
                lock (bytes)
                    return Text.DecodeConsole(bytes.ToArray());
            }
        }
    }
}
