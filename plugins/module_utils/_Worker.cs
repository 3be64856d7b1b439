// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Deadline;
using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Hashes;
using ansible_collections.comindware.platform.plugins.module_utils._Journal;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Performer;
using ansible_collections.comindware.platform.plugins.module_utils._Retry;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using ansible_collections.comindware.platform.plugins.module_utils._Services;
using ansible_collections.comindware.platform.plugins.module_utils._Status;
using ansible_collections.comindware.platform.plugins.module_utils._Text;
using ansible_collections.comindware.platform.plugins.module_utils._Times;
using ansible_collections.comindware.platform.plugins.module_utils._Transaction;
using ansible_collections.comindware.platform.plugins.module_utils._WindowsSeams;
using System;
using System.Diagnostics;

#if WORKER
// Without it .NET Framework gives a program the path handling of 4.0, which refuses long paths.
[assembly: System.Runtime.Versioning.TargetFramework(".NETFramework,Version=v4.8")]
#endif

namespace ansible_collections.comindware.platform.plugins.module_utils._Worker
{
    /// <summary>The program of the scheduled task: `agent.exe root transaction`. It reads the journal and does what is
    /// to be done: execute, confirm or undo. Nobody waits for it, so it may be killed at any point.</summary>
    public class Worker
    {
        private const double LockSeconds = 24 * 3600;
        private const double LookSeconds = 3;
        private const double ServicesSeconds = 120;
        private const double BeginSeconds = 1800;
        private const string Requested = "rollback_requested";
        private readonly Transaction transaction;
        private readonly Journal journal;
        private readonly Performer performer;
        private readonly Deadline deadline;
        // What is owed is tried again at each alarm of the first hour, and after each boot.
        private const int MostTries = 12;
        // Found so by this worker: what it could not do itself is left to the next one, as its caller stops waiting.
        private bool startIsLeft;
        private bool undoIsLeft;

        public static int Main(string[] arguments)
        {
            Seams.Current = new WindowsSeams();
            return Run(arguments);
        }

        public static int Run(string[] arguments)
        {
            if (arguments.Length != 2)
            {
                Console.Error.WriteLine("usage: agent.exe ROOT TRANSACTION");
                return 2;
            }
            Transaction transaction = Transaction.Open(arguments[0], arguments[1]);
            // Held first, so that nobody takes a worker that waits for its turn for a dead one.
            using (IDisposable mine = Mine(transaction))
            {
                if (mine == null)
                    return 0;
                Worker worker = new Worker(transaction);
                if (!worker.HasWork())
                    return 0;
                worker.Report();
                using (Lock(transaction.Root, "instance-" + NameOf(transaction.Plan.Text("instance"))))
                using (Lock(transaction.Root, "host"))
                    worker.Work();
            }
            return 0;
        }

        /// <summary>The lock of the transaction, or null if another worker has it. A caller that only looks has it for
        /// a moment.</summary>
        private static IDisposable Mine(Transaction transaction)
        {
            IDisposable mine = null;
            Retry.Until(LookSeconds, () => (mine = transaction.TryLock()) != null);
            return mine;
        }

        /// <summary>A lock file's name that no instance name can break.</summary>
        private static string NameOf(string instance)
        {
            return Hashes.Of(Text.Utf8.GetBytes(instance.ToUpperInvariant())).Substring(0, 16);
        }

        private static IDisposable Lock(string root, string name)
        {
            string folder = Paths.Combine(root, "locks");
            Disk.CreateDirectory(folder);
            IDisposable mine = null;
            string path = Paths.Combine(folder, name + ".lock");
            Retry.Until(LockSeconds, () => (mine = Seams.Current.TryLock(path, "")) != null);
            if (mine == null)
                throw new TimeoutException("The lock '" + name + "' was not free within a day.");
            return mine;
        }

        private Worker(Transaction transaction)
        {
            this.transaction = transaction;
            journal = transaction.Journal();
            journal.Repair();
            performer = new Performer(transaction, journal);
            deadline = new Deadline(transaction, journal);
        }

        private Status Status
        {
            get { return new Status(transaction.Plan, journal.Events); }
        }

        /// <summary>Alarms also come early, late and too often: one that finds nothing to do waits for nobody.</summary>
        private bool HasWork()
        {
            Status status = Status;
            bool decided = Rollback != null || transaction.Decision(Transaction.Confirm) != null;
            if (status.Owes)
                return decided || transaction.IsFromBefore || status.Tries < MostTries;
            bool asked = decided || status.IsConfirming;
            if (Phase.IsOver(status.State) || (status.State == Phase.Held && !asked && !status.IsStartLeft))
            {
                transaction.Unregister();
                return false;
            }
            return asked || status.State != Phase.Applied || transaction.IsFromBefore || !deadline.GoesOn();
        }

        /// <summary>Who works here, for those who come in between.</summary>
        private void Report()
        {
            Process me = Process.GetCurrentProcess();
            journal.Add("worker", new Map { { "pid", (long)me.Id },
                { "started", Times.Text(me.StartTime.ToUniversalTime()) } });
        }

        private void Work()
        {
            // At boot the task can be earlier than IIS.
            Services.WaitForAutomatic(ServicesSeconds, "WAS", "W3SVC");
            startIsLeft = IsHeld && Status.IsStartLeft;
            undoIsLeft = IsHeld && Status.Owes;
            string before = null;
            // A decision may come while the last one is carried out.
            for (string state = Status.State; state != before; state = Status.State)
            {
                before = state;
                Step(state);
            }
            if (Status.Owes)
                transaction.NoticeStarts();
            else if (Phase.IsOver(Status.State) || IsHeld)
                transaction.Unregister();
        }

        /// <summary>Why a rollback was asked for; null if it was not, or without force too late.</summary>
        private string Rollback
        {
            get
            {
                string forced = transaction.Decision(Transaction.Force);
                return Status.PastReturn ? forced : forced ?? transaction.Decision(Transaction.Rollback);
            }
        }

        private void Step(string state)
        {
            if (Status.PastReturn)
                transaction.Forget(Transaction.Rollback);
            string rollback = Rollback;
            switch (state)
            {
                case Phase.Pending:
                    Begin(rollback);
                    break;
                case Phase.Running:
                    if (Status.IsConfirming)
                        Confirm();
                    else if (rollback != null)
                        Undo(Requested, rollback);
                    else
                        GoBack("interrupted", "The worker was interrupted, by a crash or by a restart of the host.");
                    break;
                case Phase.Undoing:
                    Undo(null, null);
                    break;
                case Phase.Held:
                case Phase.Applied:
                    Judge(rollback);
                    break;
                case Phase.Confirmed:
                    PayOff();
                    break;
            }
        }

        private void Begin(string rollback)
        {
            DateTime created = Times.Parse(journal.Events[0].Text("time"));
            if (rollback != null)
                Decided(Requested, rollback);
            else if (Seams.Current.Now() > created.AddSeconds(Math.Max(BeginSeconds, transaction.DeadlineSeconds)))
                Decided("deadline", "The host did not begin before the deadline: the plan may be out of date.");
            else
            {
                Execute();
                return;
            }
            Enter(Phase.RolledBack);
            transaction.ForgetDecisions();
        }

        private void Execute()
        {
            Enter(Phase.Running);
            string asked = null;
            bool done = performer.DoAll(() => (asked = Rollback) != null);
            if (asked != null)
                Undo(Requested, asked);
            else if (!done)
                GoBack(null, null);
            else if (transaction.Plan.Text("confirm", "required") == "automatic")
                Confirm();
            else
                deadline.Begin();
        }

        private void Judge(string rollback)
        {
            Status status = Status;
            // First: what a confirm has begun to remove, no rollback brings back.
            if (status.IsConfirming)
                Confirm();
            else if (rollback != null)
                Undo(Requested, rollback);
            else if (transaction.Decision(Transaction.Confirm) != null && (status.PastReturn || !IsHeld))
                Confirm();
            else if (IsHeld)
            {
                transaction.ForgetDecisions();
                if (startIsLeft || undoIsLeft)
                    GoBack(null, null);
                startIsLeft = undoIsLeft = false;
            }
            else if (transaction.IsFromBefore)
                GoBack("restart", "The host was restarted before anybody confirmed.");
            else if (!deadline.GoesOn())
                GoBack("deadline", "Nobody confirmed before the deadline at " + status.Waiting.Text("deadline") + ".");
        }

        private bool IsHeld
        {
            get { return Status.State == Phase.Held; }
        }

        /// <summary>Behind a point of no return there is no way back: what is to run is started, and a person decides.
        /// </summary>
        private void GoBack(string code, string reason)
        {
            if (!Status.PastReturn)
            {
                Undo(code, reason);
                return;
            }
            if (code != null)
                Decided(code, reason);
            Enter(Phase.Running);
            performer.StartAgain(Status.PointOfNoReturn);
            Enter(Phase.Held);
        }

        private void Confirm()
        {
            Status before = Status;
            // Until it is confirmed, nothing starts by itself: a restart of the host may have stopped what was started.
            bool mayBeStopped = before.IsConfirming || IsHeld || (before.Applied != null && transaction.IsFromBefore);
            if (!before.IsConfirming)
                Decided(Transaction.Confirm, transaction.Decision(Transaction.Confirm) ?? "automatic");
            transaction.ForgetDecisions();
            performer.ConfirmAll(mayBeStopped);
            if (mayBeStopped)
                performer.StartAgain(0);
            Enter(Phase.Confirmed);
        }

        /// <summary>What is left of a confirm. While a start was owed, a boot started nothing.</summary>
        private void PayOff()
        {
            if (!Status.Owes)
                return;
            bool mayBeStopped = Status.OwesStart && transaction.IsFromBefore;
            transaction.ForgetDecisions();
            performer.ConfirmAll(false);
            if (mayBeStopped)
                performer.StartAgain(0);
            else
                performer.StartLeft();
        }

        private void Undo(string code, string reason)
        {
            if (code != null)
                Decided(code, reason);
            Enter(Phase.Undoing);
            // Not before: a held transaction without a decision is at rest, and its caller would stop waiting.
            transaction.ForgetDecisions();
            Enter(performer.UndoAll() ? Phase.RolledBack : Phase.Held);
        }

        private void Decided(string code, string reason)
        {
            journal.Add("decision", new Map { { "decision", code }, { "reason", reason } });
        }

        private void Enter(string state)
        {
            journal.Add("state", new Map { { "state", state } });
        }
    }
}
