// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Retry;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using ansible_collections.comindware.platform.plugins.module_utils._Text;
using ansible_collections.comindware.platform.plugins.module_utils._Times;
using System;
using System.Diagnostics;

namespace ansible_collections.comindware.platform.plugins.module_utils._Turn
{
    /// <summary>One caller at a time: between the look at unfinished transactions and what is done on the strength of
    /// it lies no other.</summary>
    public static class Turn
    {
        /// <summary>`caller` has `owner` and `run`, which the others are told.</summary>
        public static IDisposable Take(string root, Map caller, long seconds)
        {
            IDisposable mine = null;
            string path = Paths.Combine(root, @"locks\execute.lock");
            string run = caller.Text("run", null);
            string me = caller.Text("owner", "somebody") + (run == null ? "" : " (run " + run + ")") + ", process "
                + Process.GetCurrentProcess().Id + ", since " + Times.Text(Seams.Current.Now());
            if (!Retry.Until(seconds, () => (mine = Seams.Current.TryLock(path, me)) != null))
            {
                byte[] holder = Failure.UnlessGone(() => Disk.Read(path));
                throw new Failure("busy", "Another run is starting or recovering transactions on this host: "
                    + (holder == null || holder.Length == 0 ? "it did not say who it is"
                        : Text.Utf8.GetString(holder)) + ". Nobody else may until it is through or its process has "
                    + "ended. Try again in a minute.");
            }
            return mine;
        }
    }
}
