// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._AppCmd;
using ansible_collections.comindware.platform.plugins.module_utils._Durable;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Iis;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Operation;
using ansible_collections.comindware.platform.plugins.module_utils._Programs;
using ansible_collections.comindware.platform.plugins.module_utils._Retry;
using System;
using System.Collections.Generic;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._IisOperations
{
    /// <summary>`site_auto_start` and `pool_start_mode`: what IIS starts by itself. A stop at run time is undone by the
    /// next boot unless these are off. With them off a boot leaves stopped what ran, even if nothing had been stopped yet:
    /// so undoing them starts it again.</summary>
    public class StartBehaviour : Operation
    {
        private const int SetSeconds = 120;
        private readonly string kind;
        private readonly string name;
        private readonly long seconds;
        // appcmd parameter to wanted value, in the words of the configuration
        private readonly Map wanted = new Map();

        public StartBehaviour(Map fields)
        {
            kind = fields.Get("site") != null ? "site" : "apppool";
            name = fields.Text(IsSite ? "site" : "pool");
            seconds = fields.Number("timeout_seconds", 180);
            if (IsSite)
            {
                wanted["serverAutoStart"] = Word(fields.Flag("value", true));
                return;
            }
            wanted["autoStart"] = Word(fields.Flag("auto_start", true));
            string mode = fields.Text("start_mode", null);
            if (mode != null && mode != "OnDemand" && mode != "AlwaysRunning")
                throw Failure.BadRequest("Unknown start mode '" + mode + "': OnDemand or AlwaysRunning is wanted.");
            if (mode != null)
                wanted["startMode"] = mode;
        }

        public override bool UndoStarts { get { return true; } }

        private static string Word(bool value)
        {
            return value ? "true" : "false";
        }

        private bool IsSite { get { return kind == "site"; } }

        private Map Found()
        {
            return IsSite ? Iis.FindSite(name) : Iis.FindPool(name);
        }

        private Map ValuesOf(Map found)
        {
            if (IsSite)
                return new Map { { "serverAutoStart", Word(found.Flag("server_auto_start", true)) } };
            return new Map { { "autoStart", Word(found.Flag("auto_start", true)) },
                { "startMode", found.Text("start_mode") } };
        }

        private bool Differs(Map values)
        {
            return Differs(values, ValuesOf(Found()));
        }

        private static bool Differs(Map values, Map now)
        {
            return values.Any(pair => !Equals(now[pair.Key], pair.Value));
        }

        public override Map Inverse(OperationContext context, int index)
        {
            Map found = Found();
            Map now = ValuesOf(found);
            bool running = RunState.Runs(found.Text("state", ""));
            // A start that was off already: what runs all the same, somebody has started, and a boot leaves it stopped.
            return running || Differs(wanted, now) ? new Map { { "old", now }, { "running", running } } : null;
        }

        public override void Act(OperationContext context, Map inverse)
        {
            if (Differs(wanted, inverse.Child("old")))
                Set(wanted);
        }

        private void Set(Map values)
        {
            List<string> arguments = new List<string> { "set", kind, name };
            arguments.AddRange(values.Select(pair => "/" + pair.Key + ":" + pair.Value));
            ProgramResult result = AppCmd.Change(SetSeconds, arguments.ToArray());
            if (result != null && result.ExitCode != 0)
                throw result.Refused("The start behaviour of '" + name + "' could not be changed");
            Durable.FlushIfOpen(Programs.System32(@"inetsrv\config\applicationHost.config"));
        }

        public override void Verify()
        {
            if (Differs(wanted))
                throw NotAsWritten("The start behaviour of '" + name + "'");
        }

        public override void Undo(OperationContext context, Map inverse)
        {
            Map old = inverse.Child("old");
            if (Differs(old))
                Set(old);
            Map found = Found();
            if (Differs(old, ValuesOf(found)))
                throw NotAsWritten("The start behaviour of '" + name + "'");
            if (inverse.Flag("running", false) && !RunState.Runs(found.Text("state", "")))
                new RunState(new Map { { "op", IsSite ? "start_site" : "start_pool" },
                    { IsSite ? "site" : "pool", name }, { "timeout_seconds", seconds } }).Act(context, null);
        }
    }

    /// <summary>`stop_site`, `start_site`, `stop_pool`, `start_pool`.</summary>
    public class RunState : Operation
    {
        private const string Started = "Started";
        private const string Stopped = "Stopped";
        private readonly bool isPool;
        private readonly bool start;
        private readonly string name;
        private readonly long seconds;

        public RunState(Map fields)
        {
            string op = fields.Text("op");
            isPool = op.EndsWith("_pool", StringComparison.Ordinal);
            start = op.StartsWith("start_", StringComparison.Ordinal);
            name = fields.Text(isPool ? "pool" : "site");
            seconds = fields.Number("timeout_seconds", 180);
        }

        public override bool UndoStarts { get { return !start; } }

        public override bool Repeats { get { return start; } }

        private string Kind { get { return isPool ? "apppool" : "site"; } }

        private string State()
        {
            return (isPool ? Iis.FindPool(name) : Iis.FindSite(name)).Text("state", "");
        }

        /// <summary>Does something in this state run, or is it about to?</summary>
        public static bool Runs(string state)
        {
            return state == Started || state == "Starting";
        }

        /// <summary>A pool is stopped when its last worker process is gone too: until then files are held.</summary>
        private bool Is(bool started)
        {
            return Is(started, State());
        }

        private bool Is(bool started, string state)
        {
            if (state != (started ? Started : Stopped))
                return false;
            return started || !isPool || Iis.WorkersOf(name).Count == 0;
        }

        public override Map Inverse(OperationContext context, int index)
        {
            string state = State();
            return Is(start, state) ? null : new Map { { "state", state } };
        }

        public override void Act(OperationContext context, Map inverse)
        {
            Bring(start, seconds);
        }

        private void Bring(bool started, long limit)
        {
            bool asked = false;
            bool there = Retry.Until(limit, delegate
            {
                asked = asked || Ask(started);
                return Is(started);
            });
            if (!there)
                throw NotThere(started, limit);
        }

        /// <summary>False if IIS takes no orders at the moment, as while the object is starting or stopping.</summary>
        private bool Ask(bool started)
        {
            // appcmd blocks while a pool stops, up to its shutdownTimeLimit: longer than the operator may want to wait.
            ProgramResult result = AppCmd.Change((int)Math.Max(seconds, 1), started ? "start" : "stop", Kind, name);
            if (result == null)
                return true;
            if (result.ExitCode == AppCmd.CannotAcceptControl)
                return false;
            bool alreadySo = result.ExitCode == (started ? AppCmd.AlreadyRunning : AppCmd.NotStarted);
            if (result.ExitCode != 0 && !alreadySo)
                throw result.Refused((isPool ? "The application pool '" : "The site '") + name + "' did not "
                    + (started ? "start" : "stop"));
            return true;
        }

        /// <summary>A pool that is asked to stop takes no order to start before it has stopped; IIS ends its worker
        /// processes when this time is over.</summary>
        private long ShutdownLimit()
        {
            return isPool ? Iis.FindPool(name).Number("shutdown_time_limit_seconds", 90) : 0;
        }

        private Failure NotThere(bool started, long limit)
        {
            string what = isPool ? "application pool" : "site";
            string state = State();
            List<Map> workers = isPool ? Iis.WorkersOf(name) : new List<Map>();
            Map details = new Map { { isPool ? "pool" : "site", name }, { "state", state } };
            if (started)
                return new Failure("not_started", "The " + what + " '" + name + "' did not start within " + limit
                    + " seconds: its state is " + state + ". Look into the event log of the host.", details);
            details["workers"] = workers;
            string left = workers.Count == 0 ? "" : ", and its worker process "
                + String.Join(", ", workers.Select(worker => worker.Get("pid"))) + " is still running";
            return new Failure(isPool ? "pool_not_stopped" : "site_not_stopped", "The " + what + " '" + name
                + "' did not stop within " + limit + " seconds: its state is " + state + left
                + ". Allow it more time, or end that process in the Task Manager.", details);
        }

        /// <summary>Each call of appcmd costs a part of a second of the downtime, and Act returns only when IIS says that it is so.
        /// </summary>
        public override void Verify()
        {
        }

        public override void Undo(OperationContext context, Map inverse)
        {
            string before = inverse.Text("state", "");
            bool wasStopped = before == Stopped || before == "Stopping";
            // A stop ends an object that ran before; a start one that did not.
            if (start ? wasStopped : Runs(before))
                Bring(!start, start ? seconds : seconds + ShutdownLimit());
        }
    }
}
