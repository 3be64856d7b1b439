// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Claim;
using ansible_collections.comindware.platform.plugins.module_utils._Driver;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Status;
using ansible_collections.comindware.platform.plugins.module_utils._Transaction;
using System;
using System.Collections.Generic;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._Recovery
{
    /// <summary>Finishes what nothing works on any more: forwards where a confirm has begun, up to a halt behind a point
    /// of no return, else backwards.</summary>
    public static class Recovery
    {
        /// <summary>The transactions of an instance, or with null of all, that are not over, or owe something.</summary>
        private static IEnumerable<Transaction> Unfinished(string root, string instance)
        {
            return Transaction.All(root).Where(one => IsUnfinished(one.Status()) && (instance == null
                || String.Equals(one.Plan.Text("instance"), instance, StringComparison.OrdinalIgnoreCase)));
        }

        private static bool IsUnfinished(Status status)
        {
            return !Phase.IsOver(status.State) || status.Owes;
        }

        /// <summary>May another transaction of the instance begin beside it? Not before it is decided what runs: the new one
        /// would take that for how it was.</summary>
        private static bool IsInTheWay(Status status)
        {
            return !Phase.IsOver(status.State) || status.OwesStart;
        }

        /// <summary>Removes what is left of transactions that never began, or that are over.</summary>
        private static void Clean(string root)
        {
            Transaction.RemoveUnborn(root);
            foreach (Transaction one in Transaction.All(root))
                one.Tidy();
        }

        /// <summary>Clears the way for a new transaction of the instance, or refuses it.</summary>
        public static List<object> Before(string root, string instance, long wait)
        {
            List<object> recovered = new List<object>();
            Clean(root);
            foreach (Transaction one in Unfinished(root, instance).ToList())
            {
                if (!Claim.IsAbandoned(one))
                    throw Claim.NotFinished(one);
                recovered.Add(Recover(one, wait));
                if (IsInTheWay(one.Status()))
                    throw Claim.NotFinished(one);
            }
            return recovered;
        }

        /// <summary>What was recovered, and what is left: not abandoned, or not to be recovered.</summary>
        public static Map All(string root, string instance, long wait)
        {
            Clean(root);
            List<object> recovered = Unfinished(root, instance).ToList().Where(Claim.IsAbandoned)
                .Select(one => (object)Recover(one, wait)).ToList();
            List<object> left = Unfinished(root, instance).Select(one => (object)Claim.Describe(one)).ToList();
            return new Map { { "recovered", recovered }, { "unfinished", left } };
        }

        private static Map Recover(Transaction one, long wait)
        {
            Status status = one.Status();
            string reason = "A later call found it without anything that works on it.";
            // Left to itself a worker would begin what nobody waits for any more, and leave alone what is held.
            if (Phase.IsOver(status.State))
                Driver.Drive(one, Transaction.Confirm, reason, wait, now => !now.Owes || now.Tries > status.Tries);
            else if (status.IsConfirming)
                Driver.Drive(one, Transaction.Confirm, reason, wait);
            else if (status.State == Phase.Pending || status.State == Phase.Held)
                Driver.Drive(one, Transaction.Rollback, reason, wait);
            else
                Driver.Start(one, wait, now => Phase.IsOver(now.State) || now.State == Phase.Held
                    || Claim.Waits(one, now));
            return Claim.Describe(one);
        }
    }
}
