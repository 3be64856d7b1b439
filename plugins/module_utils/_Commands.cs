// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Compiler;
using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Hashes;
using ansible_collections.comindware.platform.plugins.module_utils._Journal;
using ansible_collections.comindware.platform.plugins.module_utils._Json;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Operations;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Protected;
using ansible_collections.comindware.platform.plugins.module_utils._Queries;
using ansible_collections.comindware.platform.plugins.module_utils._Retry;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using ansible_collections.comindware.platform.plugins.module_utils._Status;
using ansible_collections.comindware.platform.plugins.module_utils._Text;
using ansible_collections.comindware.platform.plugins.module_utils._Transaction;
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._Commands
{
    /// <summary>The commands about transactions. They write what the worker reads, start it and watch it.</summary>
    public static class Commands
    {
        private const double CreateSeconds = 60;
        private const double NudgeSeconds = 2;

        public static Map Execute(Map request)
        {
            Map plan = request.Child("plan");
            if (plan == null)
                throw Failure.BadRequest("The field 'plan' is missing.");
            CheckPlan(plan);
            string root = Prepare(request);
            long wait = request.Number("wait_seconds", 0);
            List<object> recovered = new List<object>();
            Transaction transaction;
            using (Alone(root))
            {
                transaction = Known(root, plan);
                if (transaction == null)
                {
                    recovered = RecoverInstance(root, plan.Text("instance"), wait);
                    RefuseDrift(plan);
                    Compiler.Install(root, request.Child("worker") ?? new Map());
                    transaction = Launch(root, plan, request.Child("worker").Text("hash"));
                }
            }
            Watch(transaction, wait, state => !Phase.IsBusy(state));
            return Answer(transaction, 0, recovered);
        }

        /// <summary>Who may do this, and where.</summary>
        private static string Prepare(Map request)
        {
            if (!Seams.Current.IsAdministrator())
                throw new Failure("not_administrator", "This needs the rights of an administrator. Connect with an "
                    + "account that is a member of the group Administrators, and whose rights are not filtered.");
            string root = Transaction.RootOf(request);
            Protected.Ensure(root);
            Disk.CreateDirectory(Paths.Combine(root, "locks"));
            return root;
        }

        /// <summary>One caller at a time: between the look at unfinished transactions and the new one lies no other.
        /// </summary>
        private static IDisposable Alone(string root)
        {
            IDisposable mine = null;
            string path = Paths.Combine(root, @"locks\execute.lock");
            if (!Retry.Until(CreateSeconds, () => (mine = Seams.Current.TryLock(path)) != null))
                throw new Failure("busy", "Another run is starting a transaction on this host. Try again in a minute.");
            return mine;
        }

        /// <summary>Reads all of a plan once, so that a wrong one is refused before anything is touched.</summary>
        private static void CheckPlan(Map plan)
        {
            Transaction.CheckId(plan.Text("id"));
            plan.Text("instance");
            plan.Child("about");
            string confirm = plan.Text("confirm", "required");
            if (confirm != "required" && confirm != "automatic")
                throw Failure.BadRequest("plan.confirm is 'required' or 'automatic', not '" + confirm + "'.");
            if (plan.Number("deadline_seconds", 1800) < 1)
                throw Failure.BadRequest("plan.deadline_seconds must be 1 or more.");
            Operations.Check(plan);
        }

        /// <summary>The transaction of this plan if it is there already: a caller that lost the connection asks again.
        /// </summary>
        private static Transaction Known(string root, Map plan)
        {
            Transaction known = Transaction.Find(root, plan.Text("id"));
            if (known == null)
                return null;
            string[] none = new string[0];
            if (Json.Canonical(known.Plan, none) != Json.Canonical(plan, none))
                throw new Failure("exists", "There is another transaction '" + plan.Text("id")
                    + "' on this host. Give the new plan another id.", new Map { { "transaction", plan.Text("id") } });
            return known;
        }

        private static List<object> RecoverInstance(string root, string instance, long wait)
        {
            List<object> recovered = new List<object>();
            foreach (Transaction one in Unfinished(root).Where(one =>
                String.Equals(one.Plan.Text("instance"), instance, StringComparison.OrdinalIgnoreCase)))
            {
                if (!IsAbandoned(one))
                    throw NotFinished(one);
                recovered.Add(Recover(one, wait));
                if (!Phase.IsOver(one.Status().State))
                    throw NotFinished(one);
            }
            return recovered;
        }

        private static IEnumerable<Transaction> Unfinished(string root)
        {
            return Transaction.All(root).Where(one => !Phase.IsOver(one.Status().State));
        }

        /// <summary>Nothing works on it, and nobody is entitled to go on with it. One whose undo failed is tried again:
        /// whoever calls now may have mended the cause.</summary>
        private static bool IsAbandoned(Transaction one)
        {
            Status status = one.Status();
            bool waits = status.State == Phase.Applied && !status.IsConfirming && Seams.Current.Now() < status.Deadline;
            // Between the order to start the worker and its first breath nothing seems to work.
            bool begins = status.State == Phase.Pending
                && Seams.Current.Now() < status.Created.AddSeconds(CreateSeconds);
            return one.IsIdle() && !waits && !begins;
        }

        private static Map Recover(Transaction one, long wait)
        {
            string decision = one.Status().IsConfirming ? Transaction.Confirm : Transaction.Rollback;
            Drive(one, decision, "A later call found it without anything that works on it.", wait);
            return one.Status().Describe();
        }

        private static Failure NotFinished(Transaction one)
        {
            Map status = one.Status().Describe();
            string state = status.Text("state");
            string advice = state == Phase.Applied && !one.Status().IsConfirming ? "Confirm it or roll it back first."
                : state == Phase.Held ? "Its undo was tried again and failed: "
                    + String.Join(" ", status.Maps("undo_errors").Select(error => error.Text("message", "")))
                    + " Mend that, then try again."
                : "Wait for its end.";
            return new Failure("unfinished", "The transaction '" + one.Id + "' of '" + one.Plan.Text("instance")
                + "', begun by " + status.Text("owner", "somebody") + " at " + status.Text("created", "an unknown time")
                + ", is not finished: its state is " + state + ". " + advice, new Map { { "transaction", status } });
        }

        /// <summary>Asks the plan's queries again: the host must be as it was when the plan was made.</summary>
        private static void RefuseDrift(Map plan)
        {
            List<object> changed = new List<object>();
            foreach (Map expected in plan.Maps("expect"))
            {
                Map query = expected.Child("query") ?? new Map();
                string canonical = Json.Canonical(Queries.AnswerOne(query, new Map()), expected.Texts("ignore"));
                if (Hashes.Of(Text.Utf8.GetBytes(canonical)) != expected.Text("sha256"))
                    changed.Add(expected.Text("title"));
            }
            if (changed.Count > 0)
                throw new Failure("drift", "The host has changed since the plan was made: "
                    + String.Join(", ", changed) + ". Inspect it again and make a new plan.",
                    new Map { { "changed", changed } });
        }

        private static Transaction Launch(string root, Map plan, string worker)
        {
            Transaction transaction = Transaction.Create(root, plan, worker);
            try
            {
                transaction.Start();
            }
            catch (Exception error)
            {
                if (Abandon(transaction, Failure.From(error, null)))
                    throw;
            }
            return transaction;
        }

        /// <summary>Closes a transaction whose worker could not be started; false if it was started all the same.
        /// </summary>
        private static bool Abandon(Transaction transaction, Failure failure)
        {
            using (IDisposable mine = transaction.TryLock())
            {
                if (mine == null || transaction.Status().State != Phase.Pending)
                    return false;
                Journal journal = transaction.Journal();
                journal.Add("failed", new Map { { "operation", null }, { "code", failure.Code },
                    { "message", failure.Message }, { "details", failure.Details } });
                journal.Add("state", new Map { { "state", Phase.RolledBack } });
                try
                {
                    transaction.Unregister();
                }
                catch (Exception)
                {
                    // What fails here has been told by now. A worker that a task left over starts finds nothing to do
                    // and deletes that task.
                }
                return true;
            }
        }

        public static Map StatusOf(Map request)
        {
            string root = Transaction.RootOf(request);
            Transaction transaction = Transaction.Open(root, request.Text("transaction"));
            Watch(transaction, request.Number("wait_seconds", 0), state => !Phase.IsBusy(state));
            Map answer = Answer(transaction, request.Number("since", 0), new List<object>());
            if (request.Get("queries") != null)
                answer["answers"] = Queries.Answer(request.Maps("queries"));
            return answer;
        }

        public static Map Confirm(Map request)
        {
            Transaction transaction = Transaction.Open(Prepare(request), request.Text("transaction"));
            Status status = transaction.Status();
            if (status.State != Phase.Applied && status.State != Phase.Confirmed && !status.IsConfirming)
                throw WrongState(transaction, "confirmed");
            if (status.State != Phase.Confirmed)
                Drive(transaction, Transaction.Confirm, "confirmed", request.Number("wait_seconds", 0));
            return Answer(transaction, 0, new List<object>());
        }

        public static Map Rollback(Map request)
        {
            Transaction transaction = Transaction.Open(Prepare(request), request.Text("transaction"));
            Status status = transaction.Status();
            if (status.State == Phase.Confirmed || status.IsConfirming)
                throw WrongState(transaction, "rolled back");
            if (status.State != Phase.RolledBack)
                Drive(transaction, Transaction.Rollback, request.Text("reason", "asked for"),
                    request.Number("wait_seconds", 0));
            return Answer(transaction, 0, new List<object>());
        }

        private static Failure WrongState(Transaction transaction, string wanted)
        {
            Status status = transaction.Status();
            bool confirming = status.IsConfirming && !Phase.IsOver(status.State);
            return new Failure("wrong_state", "The transaction '" + transaction.Id + "' cannot be " + wanted + ": "
                + (confirming ? "its confirm has begun, and is finished by a confirm."
                    : "its state is " + status.State + "."), new Map { { "transaction", status.Describe() } });
        }

        /// <summary>Finishes what nothing works on any more: forwards where a confirm has begun, else backwards.
        /// </summary>
        public static Map RecoverAll(Map request)
        {
            string root = Prepare(request);
            long wait = request.Number("wait_seconds", 0);
            using (Alone(root))
            {
                List<Transaction> unfinished = Unfinished(root).ToList();
                List<object> recovered = unfinished.Where(IsAbandoned)
                    .Select(one => (object)Recover(one, wait)).ToList();
                List<object> left = Unfinished(root).Select(one => (object)one.Status().Describe()).ToList();
                return new Map { { "recovered", recovered }, { "unfinished", left } };
            }
        }

        /// <summary>Gives the worker a decision and sees to it that one runs.</summary>
        private static void Drive(Transaction transaction, string decision, string reason, long wait)
        {
            transaction.Decide(decision, reason);
            transaction.Start();
            Watch(transaction, wait, state => Phase.IsOver(state)
                || (state == Phase.Held && transaction.Decision(decision) == null));
        }

        /// <summary>Waits for the state. A worker that ended just before the decision came is started again.</summary>
        private static void Watch(Transaction transaction, long seconds, Func<string, bool> done)
        {
            Stopwatch quiet = Stopwatch.StartNew();
            Retry.Until(seconds, delegate
            {
                if (done(transaction.Status().State))
                    return true;
                if (quiet.Elapsed.TotalSeconds > NudgeSeconds && Seams.Current.IsAdministrator())
                {
                    Nudge(transaction, done);
                    quiet.Restart();
                }
                return false;
            });
        }

        /// <summary>Starts a worker if none runs. The lock is held meanwhile: a worker that has just been started waits
        /// for it, and the scheduler ignores the second start.</summary>
        private static void Nudge(Transaction transaction, Func<string, bool> done)
        {
            using (IDisposable mine = transaction.TryLock())
            {
                if (mine != null && !done(transaction.Status().State))
                    transaction.StartAgain();
            }
        }

        private static Map Answer(Transaction transaction, long since, List<object> recovered)
        {
            return new Map { { "transaction", transaction.Status().Describe(since) }, { "recovered", recovered } };
        }
    }
}
