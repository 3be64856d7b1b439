// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Times;
using System;
using System.Collections.Generic;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._Status
{
    public static class Phase
    {
        public const string Pending = "pending";
        public const string Running = "running";
        public const string Applied = "applied";
        public const string Undoing = "undoing";
        public const string Confirmed = "confirmed";
        public const string RolledBack = "rolled_back";
        public const string Held = "held";

        /// <summary>Is somebody at work, or about to be?</summary>
        public static bool IsBusy(string state)
        {
            return state == Pending || state == Running || state == Undoing;
        }

        public static bool IsOver(string state)
        {
            return state == Confirmed || state == RolledBack;
        }
    }

    /// <summary>The state of a transaction, read off its plan and journal: there is no other record of it.</summary>
    public class Status
    {
        public const string PointField = "point_of_no_return";
        private static readonly string[] Removals = { "remove_tree", "prune_sets" };
        private readonly Map plan;
        private readonly IList<Map> events;

        public Status(Map plan, IList<Map> events)
        {
            this.plan = plan;
            this.events = events;
        }

        public string State
        {
            get { return LastState() == null ? Phase.Pending : LastState().Text("state"); }
        }

        private Map LastState()
        {
            return Of("state").LastOrDefault();
        }

        private IEnumerable<Map> Of(string name)
        {
            return events.Where(one => one.Text("event") == name);
        }

        /// <summary>Events of the operations proper; those of on_confirm carry a phase.</summary>
        private IEnumerable<Map> OfOperations(string name)
        {
            return Of(name).Where(one => one.Get("phase") == null);
        }

        public DateTime Created { get { return Times.Parse(Of("transaction").First().Text("time")); } }

        /// <summary>The last event that said until when a confirm is waited for, by the clock (`deadline`) and by the
        /// time that the host has run (`due`); null before the transaction was applied.</summary>
        public Map Waiting { get { return events.LastOrDefault(one => one.Get("deadline") != null); } }

        /// <summary>The event with which it began to wait.</summary>
        public Map Applied { get { return Of("state").LastOrDefault(one => one.Get("deadline") != null); } }

        public string LastTime { get { return events.Last().Text("time"); } }

        /// <summary>The first operation of which the plan says that nothing behind it is undone; -1 if there is none.
        /// </summary>
        public int PointOfNoReturn
        {
            get { return plan.Maps("operations").FindIndex(one => one.Flag(PointField, false)); }
        }

        /// <summary>Is that operation begun, and no undo in spite of it?</summary>
        public bool PastReturn
        {
            get
            {
                int point = PointOfNoReturn;
                return point >= 0 && OfOperations("inverse").Any(one => one.Number("operation", -1) == point)
                    && !Of("state").Any(one => one.Text("state") == Phase.Undoing);
            }
        }

        /// <summary>Has something that is to run behind the point of no return failed to start, the last time that it was
        /// tried?</summary>
        public bool IsStartLeft
        {
            get
            {
                return PastReturn && StartsLeft.Count > 0;
            }
        }

        /// <summary>The operations proper that failed the last time that they were tried.</summary>
        public HashSet<long> StartsLeft
        {
            get
            {
                return new HashSet<long>(Failed.Where(one => one.Get("phase") == null)
                    .Select(one => one.Number("operation", -1)));
            }
        }

        /// <summary>The last failure of each operation, of the plan proper or of its confirm, that was not done since.
        /// </summary>
        private IEnumerable<Map> Failed
        {
            get
            {
                long waived = Of("waived").Select(one => one.Number("n", 0)).LastOrDefault();
                return LastTries(events.Where(one => one.Number("n", 0) > waived))
                    .Where(last => last.Text("event") == "failed");
            }
        }

        private static IEnumerable<Map> LastTries(IEnumerable<Map> events)
        {
            return events.Where(one => one.Text("event") == "done" || one.Text("event") == "failed")
                .GroupBy(one => one.Text("phase", "") + one.Number("operation", -1))
                .Select(tries => tries.Last());
        }

        /// <summary>What could not be done when it was confirmed. It is owed: nothing brings the transaction back, so it is
        /// tried again.</summary>
        private List<Map> Owed
        {
            get { return State == Phase.Confirmed ? Failed.Where(IsOwed).ToList() : new List<Map>(); }
        }

        /// <summary>Not so a removal that was asked for: what it takes away may be needed by the time that it is tried again.
        /// </summary>
        private bool IsOwed(Map one)
        {
            return one.Get("phase") == null || !Removals.Contains(Operation(one).Text("op"));
        }

        private Map Operation(Map one)
        {
            return plan.Maps(one.Get("phase") == null ? "operations" : "on_confirm")[(int)one.Number("operation", 0)];
        }

        /// <summary>Does it decide whether something runs, now or after the next boot?</summary>
        private bool Starts(Map one)
        {
            string op = Operation(one).Text("op");
            return op == "site_auto_start" || op == "pool_start_mode" || op.StartsWith("start_", StringComparison.Ordinal);
        }

        public bool OwesStart { get { return Owed.Any(Starts); } }

        /// <summary>Is something left of a confirm, or of an undo that nobody needs to decide about?</summary>
        public bool Owes
        {
            get { return Owed.Count > 0 || (State == Phase.Held && !PastReturn && !IsConfirming); }
        }

        /// <summary>How often that was tried.</summary>
        public int Tries
        {
            get
            {
                return State == Phase.Held ? Of("state").Count(one => one.Text("state") == Phase.Undoing)
                    : Of("failed").Count(one => one.Get("phase") != null);
            }
        }

        /// <summary>Is the journal past the point from which on only the confirm can go on?</summary>
        public bool IsConfirming
        {
            get { return Of("decision").Any(one => one.Text("decision") == "confirm"); }
        }

        public bool ConfirmGoesOn { get { return IsConfirming && !Phase.IsOver(State); } }

        /// <summary>Has a worker nothing to do?</summary>
        public bool IsAtRest { get { return !Phase.IsBusy(State) && !ConfirmGoesOn; } }

        /// <summary>What the confirm was given: the judgement of what now runs, and when that was first seen to answer;
        /// null before, or where it was not told.</summary>
        private string Confirmed(int part)
        {
            Map decided = Of("decision").LastOrDefault(one => one.Text("decision") == "confirm");
            return decided == null ? null : decided.Text("reason").Split('\n').ElementAtOrDefault(part);
        }

        /// <summary>The reason of a confirm that tells both.</summary>
        public static string Judged(string verdict, string answered)
        {
            return answered == null ? verdict : verdict + "\n" + answered;
        }

        /// <summary>From the last good answer before the stop to the first one after the start, either new or old version;
        /// null where it was not asked for.</summary>
        private Map Downtime()
        {
            if (plan.Maps("operations").All(one => one.Text("op") != "ask_site"))
                return null;
            string last = Answered(events.LastOrDefault(one => one.Text("event") == "done" && IsAsked(one)));
            string first = last == null ? null
                : Answered(Of("undone").LastOrDefault(IsAsked)) ?? Confirmed(1);
            return new Map { { "last_answer", last }, { "first_answer", first }, { "seconds", first == null ? null
                : (object)(long)(Times.Parse(first) - Times.Parse(last)).TotalSeconds } };
        }

        private bool IsAsked(Map one)
        {
            long number = one.Number("operation", -1);
            return number >= 0 && one.Get("phase") == null
                && plan.Maps("operations")[(int)number].Text("op") == "ask_site";
        }

        private static string Answered(Map one)
        {
            return one == null ? null : one.Text("answered_at", null);
        }

        public HashSet<long> Undone
        {
            get { return new HashSet<long>(Of("undone").Select(one => one.Number("operation", -1))); }
        }

        /// <summary>The operations of the confirm that need not be tried again. The last event of each counts: one whose
        /// flush failed says "done", and the next one that it failed.</summary>
        public HashSet<long> ConfirmDone
        {
            get
            {
                return new HashSet<long>(LastTries(events.Where(one => one.Get("phase") != null))
                    .Where(one => one.Text("event") == "done" || !IsOwed(one))
                    .Select(one => one.Number("operation", -1)));
            }
        }

        /// <summary>The recorded inverse of an operation; null if it never came so far or had nothing to do.</summary>
        public Map InverseOf(long operation)
        {
            Map recorded = OfOperations("inverse").LastOrDefault(one => one.Number("operation", -1) == operation);
            return recorded == null ? null : recorded.Child("inverse");
        }

        /// <summary>Everything but the journal.</summary>
        public Map Describe()
        {
            string state = State;
            Map first = Of("transaction").FirstOrDefault() ?? new Map();
            return new Map
            {
                { "id", plan.Text("id") },
                { "title", plan.Text("title", "") },
                { "instance", plan.Text("instance") },
                { "run", plan.Text("run", null) },
                { "owner", plan.Text("owner", null) },
                { "about", plan.Child("about") },
                { "state", state },
                { "created", first.Get("time") },
                { "started", TimeOf(Of("state").FirstOrDefault(one => one.Text("state") == Phase.Running)) },
                { "finished", Phase.IsOver(state) || state == Phase.Held ? TimeOf(LastState()) : null },
                { "operations_total", (long)plan.Items("operations").Count },
                { "operations_done", (long)OfOperations("done").Select(one => one.Number("operation", -1))
                    .Distinct().Count() },
                { "current", Current(state) },
                { "progress", Progress(state) },
                { "error", state == Phase.Confirmed ? null : Error() },
                { "undo_errors", LastPass("undo_failed").Select(one => (object)Without(one)).ToList() },
                { "confirm_errors", Failed.Where(one => one.Get("phase") != null && !IsOwed(one))
                    .Select(one => (object)Without(one)).ToList() },
                { "owed", Owed.Select(one => (object)new Map(Without(one)) { { "title", Operation(one).Text("title", "") },
                    { "starts", Starts(one) } }).ToList() },
                { "stopped_at", TimeOf(OfOperations("operation").FirstOrDefault(IsA("stop_"))) },
                { "started_at", TimeOf(OfOperations("done").LastOrDefault(IsA("start_"))) },
                { "deadline", Waiting == null ? null : Waiting.Get("deadline") },
                { "past_return", PastReturn },
                { "verdict", Confirmed(0) },
                { "downtime", Downtime() },
                { "confirming", ConfirmGoesOn },
                { "worker", Worker() },
            };
        }

        /// <summary>The process that began last, while there is something to do for it.</summary>
        private Map Worker()
        {
            Map last = Of("worker").LastOrDefault();
            if (last == null || IsAtRest)
                return null;
            return new Map { { "pid", last.Get("pid") }, { "started", last.Get("started") } };
        }

        /// <summary>The status with the events after `since`, and the number to ask for next.</summary>
        public Map Describe(long since)
        {
            Map status = Describe();
            status["journal"] = events.Where(one => one.Number("n", 0) > since).Select(WithoutInverse).ToList();
            status["next"] = (long)events.Count;
            return status;
        }

        /// <summary>An inverse holds old values of the registry and of variables: they stay on the host.</summary>
        private static Map WithoutInverse(Map one)
        {
            Map visible = new Map(one);
            visible.Remove("inverse");
            return visible;
        }

        private static object TimeOf(Map one)
        {
            return one == null ? null : one.Get("time");
        }

        private static Func<Map, bool> IsA(string prefix)
        {
            return one => one.Text("op", "").StartsWith(prefix, StringComparison.Ordinal);
        }

        private Map Current(string state)
        {
            Map last = events.LastOrDefault(one => one.Text("event") == "operation" || one.Text("event") == "undo");
            bool ended = last == null || events.Any(one => one.Number("n", 0) > last.Number("n", 0)
                && new string[] { "done", "failed", "undone", "undo_failed" }.Contains(one.Text("event")));
            if (ended || !Phase.IsBusy(state))
                return null;
            return new Map { { "index", last.Get("operation") }, { "title", last.Get("title") },
                { "since", last.Get("time") } };
        }

        private Map Progress(string state)
        {
            Map last = events.LastOrDefault();
            if (last == null || last.Text("event") != "progress" || !Phase.IsBusy(state))
                return null;
            return new Map { { "bytes", last.Get("bytes") }, { "total_bytes", last.Get("total_bytes") } };
        }

        /// <summary>Why it was undone or held: the operation that failed, or the decision.</summary>
        private Map Error()
        {
            Map failed = OfOperations("failed").FirstOrDefault();
            if (failed != null)
                return Without(failed);
            Map decision = Of("decision").LastOrDefault(one => one.Text("decision") != "confirm");
            if (decision == null)
                return null;
            return new Map { { "code", decision.Text("decision") }, { "message", decision.Text("reason", "") },
                { "details", new Map() }, { "operation", null } };
        }

        /// <summary>The events since the last undo began.</summary>
        private IEnumerable<Map> LastPass(string name)
        {
            Map undoing = Of("state").LastOrDefault(one => one.Text("state") == Phase.Undoing);
            long from = undoing == null ? 0 : undoing.Number("n", 0);
            return Of(name).Where(one => one.Number("n", 0) > from);
        }

        private static Map Without(Map one)
        {
            return new Map { { "code", one.Get("code") }, { "message", one.Get("message") },
                { "details", one.Get("details") }, { "operation", one.Get("operation") } };
        }
    }
}
