// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Entry;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Journal;
using ansible_collections.comindware.platform.plugins.module_utils._Json;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Protected;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using ansible_collections.comindware.platform.plugins.module_utils._Status;
using ansible_collections.comindware.platform.plugins.module_utils._Tasks;
using ansible_collections.comindware.platform.plugins.module_utils._Text;
using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;

namespace ansible_collections.comindware.platform.plugins.module_utils._Transaction
{
    /// <summary>A transaction as it lies on the disk: plan, journal, decisions, and its task.</summary>
    public class Transaction
    {
        public const string Confirm = "confirm";
        public const string Rollback = "rollback";
        public const string Force = "force";
        public const string FolderName = "transactions";
        public const string UndoFolder = "undo";

        private const string PlanFile = "plan.json";
        private const string JournalFile = "journal.jsonl";
        private const string TaskFile = "task.xml";
        private const string LockFile = "worker.lock";
        private const int StartAttempts = 3;

        public readonly string Root;
        public readonly string Id;
        public readonly string Folder;
        public readonly Map Plan;

        private Transaction(string root, string id, Map plan)
        {
            Root = root;
            Id = id;
            Folder = FolderOf(root, id);
            Plan = plan;
        }

        private static string FolderOf(string root, string id)
        {
            return Paths.Combine(root, FolderName + @"\" + id);
        }

        /// <summary>The folder of an agent: `%VAR%` replaced, and refused if it is not absolute.</summary>
        public static string RootOf(Map request)
        {
            string root = Paths.Normalise(Paths.Expand(request.Text("root")));
            if (!Paths.IsRooted(root) || Paths.Parent(root) == null)
                throw Failure.BadRequest("The root of the agent must be an absolute folder, not '" + root + "'.");
            return root;
        }

        public static string CheckId(string id)
        {
            // A name of dots alone would be another folder; `$` would let a line end through.
            if (!Regex.IsMatch(id, @"\A[A-Za-z0-9._-]{1,80}\z") || id.Trim('.').Length == 0)
                throw Failure.BadRequest("'" + id + "' cannot be the id of a transaction: 1 to 80 letters, digits, "
                    + "'.', '_' and '-' are wanted.");
            return id;
        }

        /// <summary>The transaction, or null. A folder without a first event was never a transaction.</summary>
        public static Transaction Find(string root, string id)
        {
            string folder = FolderOf(root, CheckId(id));
            if (new Journal(Paths.Combine(folder, JournalFile)).Events.Count == 0)
                return null;
            Map plan = Json.ParseMap(Text.Utf8.GetString(Disk.Read(Paths.Combine(folder, PlanFile))));
            return new Transaction(root, id, plan);
        }

        /// <summary>Refuses an unknown id, and a folder that others could have written.</summary>
        public static Transaction Open(string root, string id)
        {
            if (Protected.Check(root) != null)
                Protected.Ensure(root);
            Transaction found = Find(root, id);
            if (found == null)
                throw new Failure("unknown_transaction", "There is no transaction '" + id + "' below '" + root + "'.");
            return found;
        }

        public static List<Transaction> All(string root)
        {
            string folder = Paths.Combine(root, FolderName);
            if (Disk.Find(folder) == null)
                return new List<Transaction>();
            return Disk.List(folder).Where(entry => entry.IsDirectory).Select(entry => Find(root, entry.Name))
                .Where(found => found != null).ToList();
        }

        /// <summary>Removes what is left of creations that were interrupted before the first event. Not while another
        /// process may be creating one. Refuses what may be left of more than that.</summary>
        public static void RemoveUnborn(string root)
        {
            foreach (string folder in Nameless(root))
            {
                if (!IsUnborn(folder))
                    throw new Failure("unreadable_transaction", "The folder '" + folder + "' holds what is left of a "
                        + "transaction, but no journal that could be read, so that nobody knows what it has changed. Nothing "
                        + "is begun on this host before somebody has looked: compare the copies below its folder undo with "
                        + "the files that they are of, then move the folder elsewhere.", new Map { { "path", folder } });
                Remove(folder);
            }
        }

        /// <summary>Folders without a first event.</summary>
        private static List<string> Nameless(string root)
        {
            string folder = Paths.Combine(root, FolderName);
            if (Disk.Find(folder) == null)
                return new List<string>();
            return Disk.List(folder).Where(one => one.IsDirectory && Find(root, one.Name) == null)
                .Select(one => one.Path).ToList();
        }

        private static bool IsUnborn(string folder)
        {
            string undo = Paths.Combine(folder, UndoFolder);
            return new Journal(Paths.Combine(folder, JournalFile)).IsUnborn
                && (Disk.Find(undo) == null || Disk.List(undo).Count == 0);
        }

        /// <summary>What somebody has locked, or makes at this moment, stays.</summary>
        private static void Remove(string folder)
        {
            string mine = Paths.Combine(folder, LockFile);
            using (IDisposable held = Seams.Current.TryLock(mine, ""))
            {
                if (held == null)
                    return;
                foreach (Entry inside in Disk.Walk(folder).Reverse().Where(one => !Paths.Same(one.Path, mine)))
                    Disk.Delete(inside.Path);
            }
            Disk.Delete(folder);
        }

        public static Transaction Create(string root, Map plan, string worker)
        {
            Transaction created = new Transaction(root, CheckId(plan.Text("id")), plan);
            Disk.CreateDirectory(created.At(UndoFolder));
            Disk.Write(created.At(PlanFile), Text.Utf8.GetBytes(Json.Write(plan)));
            Journal journal = created.Journal();
            // Of a creation that was interrupted a piece of the first event may be left.
            journal.Repair();
            journal.Add("transaction", new Map { { "id", created.Id }, { "worker", worker },
                { "title", plan.Text("title", "") }, { "instance", plan.Text("instance") } });
            return created;
        }

        public string At(string name)
        {
            return Paths.Combine(Folder, name);
        }

        public Journal Journal()
        {
            return new Journal(At(JournalFile));
        }

        public Status Status()
        {
            return new Status(Plan, Journal().Events);
        }

        public string WorkerHash
        {
            get { return Journal().Events[0].Text("worker"); }
        }

        public long DeadlineSeconds
        {
            get { return Plan.Number("deadline_seconds", 1800); }
        }

        /// <summary>Only the process that holds this works on the transaction.</summary>
        public IDisposable TryLock()
        {
            return Seams.Current.TryLock(At(LockFile), "");
        }

        /// <summary>Does no process work on it?</summary>
        public bool IsIdle()
        {
            using (IDisposable mine = TryLock())
                return mine != null;
        }

        /// <summary>Writes a decision for the worker: `confirm`, `rollback`, or `force` for a rollback in spite of a point
        /// of no return.</summary>
        public void Decide(string decision, string reason)
        {
            // The worker may take one that lies there away while it is replaced, which then fails.
            Forget(decision);
            Disk.Write(At(decision), Text.Utf8.GetBytes(reason));
        }

        /// <summary>The reason of a decision that waits for the worker, or null. The worker may take it away while it is
        /// read.</summary>
        public string Decision(string decision)
        {
            string path = At(decision);
            return Disk.Find(path) == null ? null : Failure.UnlessGone(() => Text.Utf8.GetString(Disk.Read(path)));
        }

        public void ForgetDecisions()
        {
            foreach (string decision in new string[] { Confirm, Rollback, Force })
                Forget(decision);
        }

        public void Forget(string decision)
        {
            Disk.Delete(At(decision));
        }

        private string TaskName
        {
            get { return @"\" + Paths.Name(Root) + @"\" + Id; }
        }

        private string MarkName
        {
            get { return Paths.Name(Root) + " " + Id; }
        }

        /// <summary>Has the host been started anew since the transaction began to wait for its confirm?</summary>
        public bool IsFromBefore
        {
            get { return !Seams.Current.IsMarked(MarkName); }
        }

        /// <summary>From now on a start of the host is noticed.</summary>
        public void NoticeStarts()
        {
            Seams.Current.Mark(MarkName);
        }

        /// <summary>Registers the task anew: at boot, and at the moment in UTC.</summary>
        public void Register(DateTime at)
        {
            string program = Paths.Combine(Root, @"bin\" + WorkerHash + @"\agent.exe");
            Tasks.Register(TaskName, program, new string[] { Root, Id }, at, At(TaskFile));
        }

        /// <summary>Registers the task anew, with the deadline counted from now on, and starts the worker. One that is just
        /// ending may take the task away in between: once more then.</summary>
        public void Start()
        {
            for (int attempt = 1; ; attempt++)
            {
                Register(Seams.Current.Now().AddSeconds(DeadlineSeconds));
                try
                {
                    Tasks.Run(TaskName);
                    return;
                }
                catch (Failure)
                {
                    if (attempt == StartAttempts || Tasks.Exists(TaskName))
                        throw;
                }
            }
        }

        /// <summary>Starts the worker again. There is no task yet if whoever created the transaction died just after
        /// that.</summary>
        public void StartAgain()
        {
            if (Tasks.Exists(TaskName))
                Tasks.Run(TaskName);
            else
                Start();
        }

        /// <summary>Removes what only served the work. The task goes late: it does the rest if this is interrupted. Its
        /// file goes last, so that others can see that there may be a task.</summary>
        public void Unregister()
        {
            foreach (string name in new string[] { PlanFile, JournalFile, TaskFile, Confirm, Rollback, Force })
                Disk.DeleteLeftovers(At(name));
            Seams.Current.Unmark(MarkName);
            Tasks.Delete(TaskName);
            Disk.Delete(At(TaskFile));
        }

        /// <summary>May there be a task?</summary>
        public bool HasTask
        {
            get { return Disk.Find(At(TaskFile)) != null; }
        }

        /// <summary>Removes it if nobody works on a transaction that is over and its worker died too early to do that. The
        /// task would do it within minutes.</summary>
        public void Tidy()
        {
            Status status = Status();
            if (!HasTask || !Phase.IsOver(status.State) || status.Owes)
                return;
            using (IDisposable mine = TryLock())
            {
                if (mine != null)
                    Unregister();
            }
        }
    }
}
