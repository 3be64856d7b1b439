// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Claim;
using ansible_collections.comindware.platform.plugins.module_utils._Compiler;
using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Driver;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Hashes;
using ansible_collections.comindware.platform.plugins.module_utils._Journal;
using ansible_collections.comindware.platform.plugins.module_utils._Json;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Operations;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._PathSources;
using ansible_collections.comindware.platform.plugins.module_utils._Protected;
using ansible_collections.comindware.platform.plugins.module_utils._Queries;
using ansible_collections.comindware.platform.plugins.module_utils._Recovery;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using ansible_collections.comindware.platform.plugins.module_utils._Status;
using ansible_collections.comindware.platform.plugins.module_utils._Text;
using ansible_collections.comindware.platform.plugins.module_utils._Transaction;
using ansible_collections.comindware.platform.plugins.module_utils._Turn;
using System;
using System.Collections.Generic;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._Commands
{
    /// <summary>The commands about transactions. They write what the worker reads, start it and watch it.</summary>
    public static class Commands
    {
        private const long TurnSeconds = 60;

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
            using (Turn.Take(root, plan, request.Number("turn_seconds", TurnSeconds)))
            {
                transaction = Known(root, plan);
                if (transaction == null)
                {
                    recovered = Recovery.Before(root, plan.Text("instance"), wait);
                    RefuseDrift(plan);
                    Compiler.Install(root, request.Child("worker") ?? new Map());
                    transaction = Launch(root, plan, request.Child("worker").Text("hash"));
                }
            }
            Driver.Watch(transaction, wait, status => status.IsAtRest);
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
            Map activity = plan.Child("activity") ?? new Map();
            new PathSources(new Map()).Resolve(activity, "paths");
            foreach (string name in new string[] { "quiet_seconds", "limit_seconds" })
            {
                if (activity.Number(name, 1) < 1)
                    throw Failure.BadRequest("plan.activity." + name + " must be 1 or more.");
            }
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
            Driver.Watch(transaction, request.Number("wait_seconds", 0), status => status.IsAtRest);
            if (request.Flag("prolong", false))
                Driver.Prolong(transaction);
            Map answer = Answer(transaction, request.Number("since", 0), new List<object>());
            if (request.Get("queries") != null)
                answer["answers"] = Queries.Answer(request.Maps("queries"));
            return answer;
        }

        public static Map Confirm(Map request)
        {
            Transaction transaction = Transaction.Open(Prepare(request), request.Text("transaction"));
            Status status = transaction.Status();
            bool may = status.State == Phase.Applied || status.State == Phase.Confirmed || status.IsConfirming
                || (status.State == Phase.Held && status.PastReturn);
            if (!may)
                throw WrongState(transaction, "confirmed");
            if (status.State == Phase.Confirmed && status.Owes && request.Flag("waive", false))
                Waive(transaction);
            if (status.State != Phase.Confirmed)
                Driver.Drive(transaction, Transaction.Confirm, Status.Judged(request.Text("verdict", "confirmed"),
                    request.Text("answered_at", null)), request.Number("wait_seconds", 0));
            return Answer(transaction, 0, new List<object>());
        }

        /// <summary>Somebody has looked at what is owed, and takes it as it is.</summary>
        private static void Waive(Transaction transaction)
        {
            using (IDisposable mine = transaction.TryLock())
            {
                if (mine == null)
                    throw Claim.NotFinished(transaction);
                Journal journal = transaction.Journal();
                journal.Repair();
                journal.Add("waived", new Map());
                transaction.Unregister();
            }
        }

        public static Map Rollback(Map request)
        {
            Transaction transaction = Transaction.Open(Prepare(request), request.Text("transaction"));
            Status status = transaction.Status();
            if (status.State == Phase.Confirmed || status.IsConfirming)
                throw WrongState(transaction, "rolled back");
            bool force = request.Flag("force", false);
            RefusePastReturn(transaction, force);
            if (status.State != Phase.RolledBack)
                Driver.Drive(transaction, force ? Transaction.Force : Transaction.Rollback,
                    request.Text("reason", "asked for"), request.Number("wait_seconds", 0));
            // It may have come there while this was asked.
            RefusePastReturn(transaction, force);
            return Answer(transaction, 0, new List<object>());
        }

        private static void RefusePastReturn(Transaction transaction, bool force)
        {
            Status status = transaction.Status();
            if (force || !status.PastReturn || Phase.IsOver(status.State))
                return;
            throw new Failure("past_return", "The transaction '" + transaction.Id + "' is past its point of no return ('"
                + transaction.Plan.Maps("operations")[status.PointOfNoReturn].Text("title", "start") + "'): what it has "
                + "started may have changed data of which the host has no copy, so it is not undone. Confirm it; or put "
                + "the data back yourself, and roll it back with force.",
                new Map { { "transaction", Claim.Describe(transaction) } });
        }

        private static Failure WrongState(Transaction transaction, string wanted)
        {
            Status status = transaction.Status();
            return new Failure("wrong_state", "The transaction '" + transaction.Id + "' cannot be " + wanted + ": "
                + (status.ConfirmGoesOn ? "its confirm has begun, and is finished by a confirm."
                    : "its state is " + status.State + "."), new Map { { "transaction", Claim.Describe(transaction) } });
        }

        /// <summary>Clears up what interrupted runs have left, of one instance or of all.</summary>
        public static Map Recover(Map request)
        {
            string root = Prepare(request);
            using (Turn.Take(root, request, request.Number("turn_seconds", TurnSeconds)))
                return Recovery.All(root, request.Text("instance", null), request.Number("wait_seconds", 0));
        }

        private static Map Answer(Transaction transaction, long since, List<object> recovered)
        {
            return new Map { { "transaction", Claim.Describe(transaction, since) }, { "recovered", recovered } };
        }
    }
}
