// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Entry;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Operation;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Patterns;
using ansible_collections.comindware.platform.plugins.module_utils._Programs;
using ansible_collections.comindware.platform.plugins.module_utils._Protected;
using ansible_collections.comindware.platform.plugins.module_utils._TreeOperations;
using System;
using System.Collections.Generic;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._ScriptOperations
{
    /// <summary>`run_script`: a script of PowerShell. What it changes is brought back by what stands around it in the
    /// plan.</summary>
    public class RunScript : Operation
    {
        private const int MaximumOutput = 2000;
        private readonly string path;
        private readonly List<string> arguments;
        private readonly List<string> changes;
        private readonly long seconds;
        private readonly string pattern;

        public RunScript(Map fields)
        {
            path = RootedPath(fields, "path");
            arguments = fields.Texts("arguments");
            seconds = fields.Number("timeout_seconds", 3600);
            pattern = fields.Text("success_pattern", null);
            if (pattern != null)
                Patterns.Compile(pattern);
            if (fields.Get("changes") == null)
                throw Failure.BadRequest("run_script of '" + path + "' must name in 'changes' the folders that the "
                    + "script changes; an empty list if there is none.");
            changes = RootedPaths(fields, "changes");
            if (path.StartsWith(@"\\", StringComparison.Ordinal))
                throw Failure.BadRequest("run_script needs a script on a drive of the host, not '" + path
                    + "': nobody here knows who may change that.");
        }

        public override void CheckEarlier(ICollection<Operation> earlier)
        {
            string open = changes.FirstOrDefault(change =>
                !earlier.OfType<ProtectTree>().Any(one => Paths.IsWithin(change, one.Path)));
            if (open != null)
                throw Failure.BadRequest("run_script of '" + path + "' changes '" + open + "', but no protect_tree "
                    + "before it in the plan covers that: nothing would bring it back.");
        }

        public override Map Inverse(OperationContext context, int index)
        {
            Disk.RefuseLinks(path);
            Entry script = Disk.Find(path);
            if (script == null)
                throw new Failure("missing", "There is no script '" + path + "' on this host. Put it there, or correct "
                    + "the path.", new Map { { "path", path } });
            if (!script.IsFile)
                throw new Failure("not_a_file", "'" + path + "' is a " + script.Kind.Replace('_', ' ')
                    + ", not a script.", new Map { { "path", path } });
            Protected.RefuseOthers(path);
            return new Map();
        }

        public override void Act(OperationContext context, Map inverse)
        {
            string[] options = { "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File", path };
            ProgramResult result = Programs.RunTree(Programs.System32(@"WindowsPowerShell\v1.0\powershell.exe"),
                Paths.Parent(path), seconds, options.Concat(arguments), one => Complaint(one) == null);
            string complaint = Complaint(result);
            if (complaint == null)
                return;
            string said = Tail(context.Secrets.HideOutput(result.Output.Trim()));
            throw new Failure("program_failed", "The script '" + path + "' " + complaint
                + (said.Length == 0 ? " It said nothing." : " It said at the end: " + said),
                new Map { { "program", path }, { "output", said },
                    { "exit_code", result.TimedOut ? null : (object)(long)unchecked((uint)result.ExitCode) } });
        }

        /// <summary>What is wrong with the result, or null.</summary>
        private string Complaint(ProgramResult result)
        {
            if (result.TimedOut)
                return "did not end within " + seconds + " seconds and was stopped, with all that it had started.";
            if (result.ExitCode != 0)
                return "ended with exit code " + unchecked((uint)result.ExitCode) + ", and 0 is wanted.";
            if (pattern != null && !Patterns.Compile(pattern).IsMatch(result.Output))
                return "ended with exit code 0, but nothing in its output matches '" + pattern + "'.";
            return null;
        }

        private static string Tail(string text)
        {
            return text.Length <= MaximumOutput ? text : text.Substring(text.Length - MaximumOutput);
        }

        public override void Verify()
        {
        }

        public override void Undo(OperationContext context, Map inverse)
        {
        }
    }
}
