// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Deadline;
using ansible_collections.comindware.platform.plugins.module_utils._Journal;
using ansible_collections.comindware.platform.plugins.module_utils._Retry;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using ansible_collections.comindware.platform.plugins.module_utils._Status;
using ansible_collections.comindware.platform.plugins.module_utils._Transaction;
using System;
using System.Diagnostics;

namespace ansible_collections.comindware.platform.plugins.module_utils._Driver
{
    /// <summary>Gives the worker of a transaction something to do, and watches it.</summary>
    public static class Driver
    {
        private const double NudgeSeconds = 2;

        /// <summary>Gives the worker a decision and sees to it that one runs.</summary>
        public static void Drive(Transaction transaction, string decision, string reason, long wait)
        {
            // The worker takes the decision away when the journal has it: what is read afterwards tells what became of it.
            Drive(transaction, decision, reason, wait, status => Phase.IsOver(status.State)
                || (transaction.Decision(decision) == null && Rests(transaction.Status())));
        }

        /// <summary>The same up to the given state.</summary>
        public static void Drive(Transaction transaction, string decision, string reason, long wait, Func<Status, bool> done)
        {
            transaction.Decide(decision, reason);
            Start(transaction, wait, done);
        }

        /// <summary>Lets a worker judge for itself what is to be done, up to the given state.</summary>
        public static void Start(Transaction transaction, long wait, Func<Status, bool> done)
        {
            transaction.Start();
            Watch(transaction, wait, done);
        }

        /// <summary>A decision that is gone was carried out, or came too late for a point of no return.</summary>
        private static bool Rests(Status status)
        {
            return !status.IsConfirming
                && (status.State == Phase.Held || (status.State == Phase.Applied && status.PastReturn));
        }

        /// <summary>Waits for the state. A worker that ended just before the decision came is started again.</summary>
        public static void Watch(Transaction transaction, long seconds, Func<Status, bool> done)
        {
            Stopwatch quiet = Stopwatch.StartNew();
            Retry.Until(seconds, delegate
            {
                if (done(transaction.Status()))
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
        private static void Nudge(Transaction transaction, Func<Status, bool> done)
        {
            using (IDisposable mine = transaction.TryLock())
            {
                if (mine != null && !done(transaction.Status()))
                    transaction.StartAgain();
            }
        }

        /// <summary>Moves the deadline on for somebody who watches. If that fails, the next look tries it again, and the
        /// status tells the deadline as it is.</summary>
        public static void Prolong(Transaction transaction)
        {
            if (!Seams.Current.IsAdministrator())
                return;
            using (IDisposable mine = transaction.TryLock())
            {
                Status status = transaction.Status();
                if (mine == null || status.State != Phase.Applied || status.IsConfirming
                    || !Deadline.IsAhead(transaction, status))
                    return;
                try
                {
                    Journal journal = transaction.Journal();
                    journal.Repair();
                    new Deadline(transaction, journal).Prolong();
                }
                catch (Exception)
                {
                    return;
                }
            }
        }
    }
}
