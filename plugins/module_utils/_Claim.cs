// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Deadline;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using ansible_collections.comindware.platform.plugins.module_utils._Status;
using ansible_collections.comindware.platform.plugins.module_utils._Times;
using ansible_collections.comindware.platform.plugins.module_utils._Transaction;
using System;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._Claim
{
    /// <summary>Who has a claim to an unfinished transaction, and until when: a process that works on it, which the lock
    /// tells; the one who may still confirm it; the worker that was just ordered.</summary>
    public static class Claim
    {
        /// <summary>Seconds between the order to start a worker and its first breath.</summary>
        public const double BeginSeconds = 60;

        /// <summary>Nothing works on it, and nobody is entitled to go on with it. One whose undo failed is tried again:
        /// whoever calls now may have mended the cause. Not so one that is held past its point of no return: a person
        /// decides about that.</summary>
        public static bool IsAbandoned(Transaction transaction)
        {
            Status status = transaction.Status();
            return transaction.IsIdle() && !Waits(transaction, status) && !Begins(status) && !IsForPeople(status);
        }

        public static bool Waits(Transaction transaction, Status status)
        {
            return status.State == Phase.Applied && !status.IsConfirming && Deadline.IsAhead(transaction, status);
        }

        private static bool Begins(Status status)
        {
            return status.State == Phase.Pending && Seams.Current.Now() < status.Created.AddSeconds(BeginSeconds);
        }

        private static bool IsForPeople(Status status)
        {
            return status.State == Phase.Held && status.PastReturn && !status.IsConfirming && !status.IsStartLeft;
        }

        /// <summary>The status with `lease`: until when nobody may take it over. Null while a process works, when it is
        /// over, and when only a person may decide; in the past if nobody has a claim.</summary>
        public static Map Describe(Transaction transaction, long? since = null)
        {
            // Before the events are read: what a process that ends just now has written last must be among them.
            bool idle = transaction.IsIdle();
            Status status = transaction.Status();
            Map described = since == null ? status.Describe() : status.Describe(since.Value);
            described["lease"] = idle ? Lease(transaction, status) : null;
            return described;
        }

        private static string Lease(Transaction transaction, Status status)
        {
            if ((Phase.IsOver(status.State) && !status.Owes) || IsForPeople(status))
                return null;
            if (Waits(transaction, status))
                return status.Waiting.Text("deadline");
            return status.State == Phase.Pending ? Times.Text(status.Created.AddSeconds(BeginSeconds)) : status.LastTime;
        }

        /// <summary>Refuses whoever comes in between, and says who was first and what there is to wait for.</summary>
        public static Failure NotFinished(Transaction transaction)
        {
            Map status = Describe(transaction);
            string run = status.Text("run", null);
            return new Failure("unfinished", "The transaction '" + transaction.Id + "' of '"
                + transaction.Plan.Text("instance") + "', begun by " + status.Text("owner", "somebody")
                + (run == null ? "" : " (run " + run + ")") + " at " + status.Text("created", "an unknown time")
                + ", is not finished: its state is " + status.Text("state") + ". " + Advice(transaction, status),
                new Map { { "transaction", status } });
        }

        private static string Advice(Transaction transaction, Map status)
        {
            Map worker = status.Child("worker");
            string lease = status.Text("lease", null);
            if (Waits(transaction, transaction.Status()))
                return "It waits for a confirm until " + lease + ". Confirm it or roll it back first, or try again "
                    + "after that time.";
            if (status.Text("state") == Phase.Held && status.Flag("past_return", false))
                return "It is past its point of no return: what it has started runs, unconfirmed, and does not start by "
                    + "itself after a restart of the host. Look at it. Then recover it with held: confirm, or put its "
                    + "data back yourself and recover it with held: rollback.";
            if (status.Text("state") == Phase.Confirmed)
                return "It is confirmed, but this is still to be done, and was tried again: " + String.Join(" ",
                    status.Maps("owed").Select(one => "'" + one.Text("title") + "': " + one.Text("message", "")))
                    + " Mend that, then try again.";
            if (status.Text("state") == Phase.Held)
                return "Its undo was tried again and failed: " + String.Join(" ", status.Maps("undo_errors")
                    .Select(error => error.Text("message", ""))) + " Mend that, then try again.";
            if (worker != null)
                return "The process " + worker.Get("pid") + " of the host has been at work on it since "
                    + worker.Get("started") + ". Wait for its end.";
            return "Its worker is expected until " + (lease ?? "a moment from now") + ". Wait for its end.";
        }
    }
}
