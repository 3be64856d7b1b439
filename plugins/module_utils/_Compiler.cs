// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Durable;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Hashes;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Programs;
using ansible_collections.comindware.platform.plugins.module_utils._Text;
using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;

namespace ansible_collections.comindware.platform.plugins.module_utils._Compiler
{
    /// <summary>Installs the worker program: the agent's own sources, compiled once per content by the compiler that
    /// every .NET Framework brings along.</summary>
    public static class Compiler
    {
        public const string FolderName = "bin";
        private const string Framework = @"%windir%\Microsoft.NET\Framework64\v4.0.30319\csc.exe";
        private static readonly string MainClass =
            typeof(Compiler).Namespace.Replace("._Compiler", "._Worker") + ".Worker";
        private const int TimeoutSeconds = 300;

        /// <summary>The hashes of the workers that are ready below a root.</summary>
        public static List<object> Installed(string root)
        {
            string bin = Paths.Combine(root, FolderName);
            if (Disk.Find(bin) == null)
                return new List<object>();
            return Disk.List(bin).Where(entry => Disk.Find(Paths.Combine(entry.Path, "agent.exe")) != null)
                .Select(entry => (object)entry.Name).ToList();
        }

        /// <summary>Makes sure of `root\bin\hash\agent.exe`. The sources may be missing if it is there.</summary>
        public static void Install(string root, Map worker)
        {
            string hash = worker.Text("hash");
            if (!Regex.IsMatch(hash, @"\A[0-9a-f]{64}\z"))
                throw Failure.BadRequest("worker.hash must be a SHA-256 in lower-case hexadecimal digits.");
            string folder = Paths.Combine(root, FolderName + @"\" + hash);
            string program = Paths.Combine(folder, "agent.exe");
            if (Disk.Find(program) != null)
                return;
            Map sources = worker.Child("sources");
            if (sources == null)
                throw new Failure("worker_missing", "The worker program " + hash
                    + " is not on this host: send its sources along.");
            if (HashOf(sources) != hash)
                throw Failure.BadRequest("The sources of the worker do not have the hash " + hash + ".");
            Disk.CreateDirectory(folder);
            Compile(folder, program, Write(folder, sources));
        }

        private static string HashOf(Map sources)
        {
            StringBuilder all = new StringBuilder();
            foreach (string name in sources.Keys.OrderBy(name => name, StringComparer.Ordinal))
                all.Append(name).Append('\0').Append(sources.Text(name, "")).Append('\0');
            return Hashes.Of(Text.Utf8.GetBytes(all.ToString()));
        }

        private static List<string> Write(string folder, Map sources)
        {
            List<string> files = new List<string>();
            foreach (string name in sources.Keys)
            {
                if (!Regex.IsMatch(name, @"\A_\w+\.cs\z"))
                    throw Failure.BadRequest("'" + name + "' cannot be the name of a source of the worker.");
                string file = Paths.Combine(folder, name);
                Disk.Write(file, Text.Utf8.GetBytes(sources.Text(name, "")));
                files.Add(file);
            }
            return files;
        }

        private static void Compile(string folder, string program, List<string> files)
        {
            string draft = Paths.Combine(folder, "draft.exe");
            List<string> arguments = new List<string>
            {
                // Not /warnaserror+: a folder of the variable LIB that is gone is a warning (CS1668).
                "/nologo", "/target:exe", "/optimize+", "/codepage:65001",
                "/langversion:5", "/define:WINDOWS;WORKER", "/main:" + MainClass, "/out:" + draft,
                "/reference:System.dll", "/reference:System.Core.dll", "/reference:System.Xml.dll",
            };
            // A response file, as the command line has an end.
            string response = Paths.Combine(folder, "compile.rsp");
            IEnumerable<string> lines = arguments.Concat(files).Select(line => "\"" + line + "\"");
            Disk.Write(response, Text.Encode(String.Join("\r\n", lines), "utf-8-bom"));
            // /noconfig counts on the command line only.
            ProgramResult result = Programs.Run(CompilerPath(), TimeoutSeconds, "/noconfig", "@" + response);
            if (result.ExitCode != 0)
                throw result.Failed("The worker program could not be compiled. If a policy or a virus scanner forbids "
                    + "csc.exe, allow it for '" + folder + "'");
            // A program that has its name is believed for ever.
            Durable.Flush(draft);
            Disk.Move(draft, program);
        }

        private static string CompilerPath()
        {
            string wide = Paths.Expand(Framework);
            return Disk.Find(wide) != null ? wide : wide.Replace("Framework64", "Framework");
        }
    }
}
