// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Entry;
using ansible_collections.comindware.platform.plugins.module_utils._Journal;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._PathSources;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using ansible_collections.comindware.platform.plugins.module_utils._Status;
using ansible_collections.comindware.platform.plugins.module_utils._Times;
using ansible_collections.comindware.platform.plugins.module_utils._Transaction;
using System;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._Deadline
{
    /// <summary>How long a transaction waits for its confirm. People and the task go by the clock; what decides is the
    /// time that the host has run, as a clock can be set meanwhile.</summary>
    public class Deadline
    {
        private const long ShortMilliseconds = 15000;
        private readonly Transaction transaction;
        private readonly Journal journal;

        public Deadline(Transaction transaction, Journal journal)
        {
            this.transaction = transaction;
            this.journal = journal;
        }

        /// <summary>Does a transaction that is applied still wait? Not if a start of the host has ended that.</summary>
        public static bool IsAhead(Transaction transaction, Status status)
        {
            return !transaction.IsFromBefore && Left(status) > 0;
        }

        private static long Left(Status status)
        {
            return status.Waiting.Number("due", 0) - Seams.Current.Uptime();
        }

        private Status Status
        {
            get { return new Status(transaction.Plan, journal.Events); }
        }

        /// <summary>Enters the state `applied`.</summary>
        public void Begin()
        {
            transaction.NoticeStarts();
            long begun = Seams.Current.Uptime();
            Map until = Alarm(transaction.DeadlineSeconds * 1000);
            journal.Add("state", new Map(until) { { "state", Phase.Applied }, { "begun", begun } });
        }

        /// <summary>Sets the alarm, for the event that relies on it.</summary>
        private Map Alarm(long milliseconds)
        {
            DateTime at = Seams.Current.Now().AddMilliseconds(milliseconds);
            long due = Seams.Current.Uptime() + milliseconds;
            transaction.Register(at);
            return new Map { { "deadline", Times.Text(at) }, { "due", due } };
        }

        /// <summary>Somebody watches: less than half of the time is left, but enough to set another alarm before the
        /// present one. True if the deadline was moved.</summary>
        public bool Prolong()
        {
            long whole = transaction.DeadlineSeconds * 1000, left = Left(Status);
            if (left <= ShortMilliseconds || left >= whole / 2)
                return false;
            journal.Add("deadline", new Map(Alarm(whole)) { { "reason", "Somebody watches it." } });
            return true;
        }

        /// <summary>Is there still time, or does the plan's activity give some more? The alarm is set anew then: it may
        /// have come early, by a clock that was set.</summary>
        public bool GoesOn()
        {
            long left = Left(Status);
            if (left <= 0)
                return PutOff();
            DateTime deadline = Times.Parse(Status.Waiting.Text("deadline"));
            if (Seams.Current.Now() >= deadline)
                journal.Add("deadline", new Map(Alarm(left)) { { "reason", "The clock of the host was set." } });
            return true;
        }

        private bool PutOff()
        {
            Map activity = transaction.Plan.Child("activity");
            if (activity == null)
                return false;
            long quiet = activity.Number("quiet_seconds", 120);
            long left = Status.Applied.Number("begun", 0) + activity.Number("limit_seconds", 14400) * 1000
                - Seams.Current.Uptime();
            Entry written = left <= 0 ? null : WrittenSince(activity, Seams.Current.Now().AddSeconds(-quiet));
            if (written == null)
                return false;
            journal.Add("deadline", new Map(Alarm(Math.Min(quiet * 1000, left))) { { "reason", "'" + written.Path
                + "' was written at " + Times.Text(written.Modified) + ": something is still at work." } });
            return true;
        }

        /// <summary>A file of the activity that was written since then; one that is said to be written in the future
        /// proves nothing.</summary>
        private static Entry WrittenSince(Map activity, DateTime since)
        {
            try
            {
                DateTime soon = Seams.Current.Now().AddSeconds(5);
                return new PathSources(new Map()).Resolve(activity, "paths").Select(source => Disk.Find(source.Path))
                    .FirstOrDefault(entry => entry != null && entry.IsFile && entry.Modified >= since
                        && entry.Modified <= soon);
            }
            catch (Exception)
            {
                // What cannot be looked at must not keep the host from going back.
                return null;
            }
        }
    }
}
