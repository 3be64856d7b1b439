// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._BackupSet;
using ansible_collections.comindware.platform.plugins.module_utils._Claim;
using ansible_collections.comindware.platform.plugins.module_utils._Compiler;
using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Entry;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Operation;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Protected;
using ansible_collections.comindware.platform.plugins.module_utils._Status;
using ansible_collections.comindware.platform.plugins.module_utils._Transaction;
using ansible_collections.comindware.platform.plugins.module_utils._Trees;
using ansible_collections.comindware.platform.plugins.module_utils._Turn;
using System;
using System.Collections.Generic;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._RemoveOperation
{
    /// <summary>`remove_tree`: removes a folder that the agent keeps for itself, or a backup set that is done. It gets
    /// another name first, in one step and only if nobody holds a file in it, so that nothing half removed looks whole.
    /// Everything else is refused, and so is everything while another transaction may need it.</summary>
    public class RemoveTree : Operation
    {
        private const string Removed = "removed";
        private const long TurnSeconds = 60;
        private static readonly string[] Kept = { Compiler.FolderName, Transaction.FolderName, "pristine", "plans",
            Removed };
        private readonly string path;
        private readonly BackupSet set;
        private readonly List<object> removed = new List<object>();
        private string leaving;

        public RemoveTree(Map fields)
        {
            path = RootedPath(fields, "path");
            set = new BackupSet(path);
        }

        public override bool OnlyAtConfirm { get { return true; } }

        public override Map Report
        {
            get { return new Map { { "removed", removed } }; }
        }

        public override Map Inverse(OperationContext context, int index)
        {
            leaving = IsKept(context.Root) ? Leaving(context.Root) : set.Leaving;
            return Disk.Find(path) == null && Disk.Find(leaving) == null ? null : new Map();
        }

        /// <summary>Is it one of the agent's own: `root\bin\x`, for example?</summary>
        private bool IsKept(string root)
        {
            return Kept.Any(name => Paths.Parent(path) != null
                && Paths.Same(Paths.Parent(path), Paths.Combine(root, name)));
        }

        /// <summary>Away from where it is looked for.</summary>
        private string Leaving(string root)
        {
            string kind = Paths.Name(Paths.Parent(path));
            return kind.Equals(Removed, StringComparison.OrdinalIgnoreCase) ? path
                : Paths.Combine(root, Removed + @"\" + kind + " " + Paths.Name(path));
        }

        public override void Act(OperationContext context, Map inverse)
        {
            Disk.RefuseLinks(path);
            // While this is held, nobody begins a transaction that could need it.
            using (Turn.Take(context.Root, new Map { { "owner", "a removal" } }, TurnSeconds))
            {
                RefuseUnfinished(context);
                if (IsKept(context.Root))
                    RemoveKept(context.Root);
                else
                    RemoveSet();
            }
            removed.Add(path);
        }

        private void RefuseUnfinished(OperationContext context)
        {
            foreach (Transaction one in Transaction.All(context.Root))
            {
                bool mine = Paths.IsWithin(context.UndoFolder, one.Folder);
                if (Phase.IsOver(one.Status().State))
                    continue;
                if (!mine)
                    throw Claim.NotFinished(one);
                if (Paths.Same(one.Folder, path) || Paths.Same(Paths.Name(path), one.WorkerHash))
                    throw InUse("the transaction '" + one.Id + "', which is to remove it, needs it itself");
            }
        }

        private void RemoveKept(string root)
        {
            RefuseTask(root);
            if (Disk.Find(path) != null && !Paths.Same(path, leaving))
            {
                RefuseAllBut(path, Disk.Find(path).IsDirectory);
                Disk.CreateDirectory(Paths.Parent(leaving));
                Trees.Remove(leaving);
                Disk.Move(path, leaving);
            }
            Trees.Remove(leaving);
        }

        /// <summary>A task of a transaction that is gone would fail every few minutes, for ever.</summary>
        private void RefuseTask(string root)
        {
            bool isOne = Paths.Same(Paths.Name(Paths.Parent(path)), Transaction.FolderName);
            Transaction one = isOne ? Transaction.Find(root, Paths.Name(path)) : null;
            if (one == null)
                return;
            one.Tidy();
            if (one.HasTask)
                throw InUse("its task is still registered");
        }

        private void RemoveSet()
        {
            string there = Disk.Find(path) == null ? leaving : path;
            BackupSet found = new BackupSet(there);
            bool done = found.WasLeaving
                || (Protected.Check(there) == true && (found.IsComplete || found.IsUnusable));
            RefuseAllBut(there, done && Disk.Find(there).IsDirectory);
            set.Remove();
        }

        private static void RefuseAllBut(string path, bool ours)
        {
            if (!ours)
                throw new Failure("not_ours", "'" + path + "' stays: it is neither a folder that the agent keeps for itself "
                    + "nor a backup set that is done and that only administrators can write to. Look at it, and delete "
                    + "it yourself.", new Map { { "path", path } });
        }

        private Failure InUse(string why)
        {
            return new Failure("in_use", "'" + path + "' stays: " + why + ". Run this again in a few minutes.",
                new Map { { "path", path } });
        }

        public override void Verify()
        {
            if (Disk.Find(path) != null || Disk.Find(leaving) != null)
                throw NotAsWritten("The removed folder '" + path + "'");
        }

        public override void Undo(OperationContext context, Map inverse)
        {
        }
    }
}
