// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Journal;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Operation;
using ansible_collections.comindware.platform.plugins.module_utils._Operations;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Retry;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using ansible_collections.comindware.platform.plugins.module_utils._Secrets;
using ansible_collections.comindware.platform.plugins.module_utils._Status;
using ansible_collections.comindware.platform.plugins.module_utils._Transaction;
using System;
using System.Collections.Generic;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._Performer
{
    /// <summary>Does and undoes the operations of a transaction, each step in the journal before it is taken.</summary>
    public class Performer
    {
        private const int ProgressSeconds = 2;
        private const int InsistSeconds = 15;
        private const string Started = "Not started again, because another step could not be undone: a half-restored "
            + "program must not run. Repair what is named there, and roll back again.";
        private const string Later = "Not undone yet, because a later step at the same path could not be undone. Repair what "
            + "is named there, and roll back again.";
        private readonly Transaction transaction;
        private readonly Journal journal;
        private readonly OperationContext context = new OperationContext();
        private DateTime lastProgress;

        public Performer(Transaction transaction, Journal journal)
        {
            this.transaction = transaction;
            this.journal = journal;
            context.Root = transaction.Root;
            context.UndoFolder = transaction.At(Transaction.UndoFolder);
            context.Secrets = new Secrets(transaction.Plan.Child("secrets"));
            context.Progress = Progress;
        }

        private void Progress(long bytes, long total)
        {
            DateTime now = Seams.Current.Now();
            if ((now - lastProgress).TotalSeconds < ProgressSeconds)
                return;
            lastProgress = now;
            journal.Tell("progress", new Map { { "bytes", bytes }, { "total_bytes", total } });
        }

        /// <summary>Does all operations; false after the first that failed. `stop` is asked before each.</summary>
        public bool DoAll(Func<bool> stop)
        {
            List<Map> operations = transaction.Plan.Maps("operations");
            for (int index = 0; index < operations.Count; index++)
            {
                if (stop() || !Do(operations[index], index, new Map()))
                    return false;
            }
            return true;
        }

        /// <summary>Starts again what operations from this one on have started; a failure is reported, and the others still
        /// run. What was recorded of the state before stays what an undo would go by.</summary>
        public void StartAgain(int first)
        {
            StartAgain(index => index >= first);
        }

        /// <summary>The same for what did not start the last time.</summary>
        public void StartLeft()
        {
            HashSet<long> left = new Status(transaction.Plan, journal.Events).StartsLeft;
            StartAgain(index => left.Contains(index));
        }

        private void StartAgain(Func<int, bool> wanted)
        {
            Status status = new Status(transaction.Plan, journal.Events);
            List<Map> operations = transaction.Plan.Maps("operations");
            for (int index = 0; index < operations.Count; index++)
            {
                if (wanted(index) && Operations.Create(operations[index]).Repeats
                    && !IsStoppedAgain(status, operations[index]))
                    Do(operations[index], index, new Map(), status.InverseOf(index));
            }
        }

        private static bool IsStop(Map operation)
        {
            return operation.Text("op").StartsWith("stop_", StringComparison.Ordinal);
        }

        /// <summary>What the confirm stops, because it was stopped before, nothing starts behind it.</summary>
        private bool IsStoppedAgain(Status status, Map start)
        {
            string stop = start.Text("op").Replace("start_", "stop_");
            string what = stop.Replace("stop_", "");
            return status.IsConfirming && transaction.Plan.Maps("on_confirm").Any(one => one.Text("op") == stop
                && String.Equals(one.Text(what), start.Text(what), StringComparison.OrdinalIgnoreCase));
        }

        /// <summary>Does what belongs to the confirm; a failure is reported, and the others still run. `stopAgain`: a restart
        /// may have started what it had stopped.</summary>
        public void ConfirmAll(bool stopAgain)
        {
            HashSet<long> done = new Status(transaction.Plan, journal.Events).ConfirmDone;
            context.SavedPrefix = Transaction.Confirm + "-";
            List<Map> operations = transaction.Plan.Maps("on_confirm");
            for (int index = 0; index < operations.Count; index++)
            {
                if (!done.Contains(index) || (stopAgain && IsStop(operations[index])))
                    Do(operations[index], index, new Map { { "phase", Transaction.Confirm } });
            }
        }

        private bool Do(Map fields, int index, Map marks, Map recorded = null)
        {
            try
            {
                journal.Add("operation", Event(fields, index, marks));
                Operation operation = Operations.Create(fields);
                Action act = () => Act(operation, fields, index, marks, recorded);
                // What belongs to the confirm is never undone: it is tried again before it is given up.
                if (marks.Count == 0)
                    act();
                else
                    Retry.WhileRefused(InsistSeconds, act);
                journal.Add("done", With(operation.Report, Event(fields, index, marks)));
                return true;
            }
            catch (Exception error)
            {
                Report("failed", index, error, marks);
                return false;
            }
        }

        private void Act(Operation operation, Map fields, int index, Map marks, Map recorded)
        {
            string point = (marks.Count == 0 ? "operation" : Transaction.Confirm) + ":" + fields.Text("op");
            Map inverse = recorded ?? operation.Inverse(context, index);
            if (recorded == null)
                journal.Add("inverse", new Map(marks) { { "operation", (long)index }, { "inverse", inverse } });
            Seams.Current.Point("before:" + point, fields.Text("path", null));
            if (inverse != null)
            {
                operation.Act(context, inverse);
                operation.Verify();
            }
            Seams.Current.Point("after:" + point, fields.Text("path", null));
        }

        private static Map With(Map report, Map mark)
        {
            foreach (KeyValuePair<string, object> told in report ?? new Map())
                mark[told.Key] = told.Value;
            return mark;
        }

        private static Map Event(Map fields, int index, Map marks)
        {
            return new Map(marks) { { "operation", (long)index }, { "op", fields.Text("op") },
                { "title", fields.Text("title", fields.Text("op")) } };
        }

        private void Report(string name, long index, Exception error, Map marks)
        {
            Failure failure = Failure.From(error, null);
            journal.Add(name, new Map(marks) { { "operation", index }, { "code", failure.Code },
                { "message", failure.Message }, { "details", failure.Details } });
        }

        /// <summary>Undoes in reverse whatever has an inverse and is not undone yet. A step that fails is reported and
        /// the others still run; but nothing is undone below what a later step has left, as trying that one again would
        /// find another thing than it left, and nothing is started on a host whose files and values are not as they
        /// were. True if nothing is left.</summary>
        public bool UndoAll()
        {
            Status status = new Status(transaction.Plan, journal.Events);
            HashSet<long> undone = status.Undone;
            List<Map> operations = transaction.Plan.Maps("operations");
            List<string> left = new List<string>();
            bool clean = true;
            bool mayStart = true;
            for (int index = operations.Count - 1; index >= 0; index--)
            {
                Map inverse = status.InverseOf(index);
                string path = operations[index].Text("path", null);
                if (inverse == null || undone.Contains(index))
                    continue;
                string reason = path != null && left.Any(one => Paths.IsWithin(one, path) || Paths.IsWithin(path, one))
                    ? Later : !mayStart && Operations.Create(operations[index]).UndoStarts ? Started : null;
                if (Undo(operations[index], index, inverse, reason))
                    continue;
                clean = false;
                if (path != null)
                    left.Add(path);
                mayStart &= Operations.Create(operations[index]).UndoStarts;
            }
            return clean;
        }

        /// <summary>`withheld`: why it may not be undone now, or null.</summary>
        private bool Undo(Map fields, int index, Map inverse, string withheld)
        {
            try
            {
                Operation operation = Operations.Create(fields);
                journal.Add("undo", Event(fields, index, new Map()));
                if (withheld != null)
                    throw new Failure("withheld", withheld);
                Retry.WhileRefused(InsistSeconds, delegate
                {
                    string point = "undo:" + fields.Text("op");
                    Seams.Current.Point("before:" + point, fields.Text("path", null));
                    operation.Undo(context, inverse);
                    Seams.Current.Point("after:" + point, fields.Text("path", null));
                });
                journal.Add("undone", With(operation.UndoReport, new Map { { "operation", (long)index } }));
                return true;
            }
            catch (Exception error)
            {
                Report("undo_failed", index, error, new Map());
                return false;
            }
        }
    }
}
