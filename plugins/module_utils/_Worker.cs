// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

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
        private readonly Transaction transaction;
        private readonly Journal journal;
        private readonly Performer performer;
        private string found;

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
                using (Lock(transaction.Root, "instance-" + NameOf(transaction.Plan.Text("instance"))))
                using (Lock(transaction.Root, "host"))
                    new Worker(transaction).Work();
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
            Retry.Until(LockSeconds, () => (mine = Seams.Current.TryLock(path)) != null);
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
        }

        private Status Status
        {
            get { return new Status(transaction.Plan, journal.Events); }
        }

        private void Work()
        {
            // At boot the task can be earlier than IIS.
            Services.WaitForAutomatic(ServicesSeconds, "WAS", "W3SVC");
            // Whoever finds a transaction that waits, with no decision and before its deadline, was started by a boot.
            found = Status.State;
            string before = null;
            // A decision may come while the last one is carried out.
            for (string state = found; state != before; state = Status.State)
            {
                before = state;
                Step(state);
            }
            if (Phase.IsOver(Status.State) || Status.State == Phase.Held)
                transaction.Unregister();
        }

        private void Step(string state)
        {
            string rollback = transaction.Decision(Transaction.Rollback);
            switch (state)
            {
                case Phase.Pending:
                    Begin(rollback);
                    break;
                case Phase.Running:
                    if (Status.IsConfirming)
                        Confirm();
                    else
                        Undo("interrupted", "The worker was interrupted, by a crash or by a restart of the host.");
                    break;
                case Phase.Undoing:
                    Undo(null, null);
                    break;
                case Phase.Held:
                    if (rollback != null)
                        Undo("rollback_requested", rollback);
                    break;
                case Phase.Applied:
                    Judge(rollback);
                    break;
            }
        }

        private void Begin(string rollback)
        {
            DateTime created = Times.Parse(journal.Events[0].Text("time"));
            if (rollback != null)
                Decided("rollback_requested", rollback);
            else if (Seams.Current.Now() > created.AddSeconds(transaction.DeadlineSeconds))
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
            bool asked = false;
            bool done = performer.DoAll(() => asked = transaction.Decision(Transaction.Rollback) != null);
            if (asked)
                Undo("rollback_requested", transaction.Decision(Transaction.Rollback));
            else if (!done)
                Undo(null, null);
            else if (transaction.Plan.Text("confirm", "required") == "automatic")
                Confirm();
            else
                WaitForConfirm();
        }

        private void WaitForConfirm()
        {
            DateTime deadline = Seams.Current.Now().AddSeconds(transaction.DeadlineSeconds);
            // First the alarm, then the state that relies on it.
            transaction.Register(deadline);
            journal.Add("state", new Map { { "state", Phase.Applied }, { "deadline", Times.Text(deadline) } });
        }

        private void Judge(string rollback)
        {
            // First: what a confirm has begun to remove, no rollback brings back.
            if (Status.IsConfirming)
                Confirm();
            else if (rollback != null)
                Undo("rollback_requested", rollback);
            else if (transaction.Decision(Transaction.Confirm) != null)
                Confirm();
            else if (Seams.Current.Now() >= Status.Deadline)
                Undo("deadline", "Nobody confirmed before the deadline at " + Times.Text(Status.Deadline.Value) + ".");
            else if (found == Phase.Applied)
                Undo("restart", "The host was restarted before anybody confirmed: what waits for a confirm is not "
                    + "started by a boot.");
        }

        private void Confirm()
        {
            if (!Status.IsConfirming)
                Decided(Transaction.Confirm, transaction.Decision(Transaction.Confirm) ?? "automatic");
            transaction.ForgetDecisions();
            performer.ConfirmAll();
            Enter(Phase.Confirmed);
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
