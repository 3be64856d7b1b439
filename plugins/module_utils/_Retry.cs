// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using System;
using System.Diagnostics;
using System.Linq;
using System.Threading;

namespace ansible_collections.comindware.platform.plugins.module_utils._Retry
{
    /// <summary>Waiting for a state, and trying again where Windows is known to refuse for a moment.</summary>
    public static class Retry
    {
        private const int Attempts = 6;

        /// <summary>Repeats the act after 50 ms, 100 ms ... while it fails with one of these Win32 errors.</summary>
        public static T OnNumbers<T>(int[] numbers, Func<T> act)
        {
            for (int attempt = 1; ; attempt++)
            {
                try
                {
                    return act();
                }
                catch (Exception error)
                {
                    if (attempt == Attempts || !numbers.Contains(Failure.NumberOf(error)))
                        throw;
                }
                Thread.Sleep(25 << attempt);
            }
        }

        /// <summary>Repeats the act while Windows refuses it, for so many seconds.</summary>
        public static void WhileRefused(double seconds, Action act)
        {
            Exception refused = null;
            bool done = Until(Seams.Current.Patience(seconds), delegate
            {
                try
                {
                    act();
                    return true;
                }
                catch (Exception error)
                {
                    if (Failure.NumberOf(error) == 0)
                        throw;
                    refused = error;
                    return false;
                }
            });
            if (!done)
                throw refused;
        }

        /// <summary>Asks until the answer is yes; false when the time is over. A clock that is set meanwhile does not
        /// count.</summary>
        public static bool Until(double seconds, Func<bool> done)
        {
            Stopwatch watch = Stopwatch.StartNew();
            for (int pause = 50; ; pause = Math.Min(pause * 2, 1000))
            {
                if (done())
                    return true;
                if (watch.Elapsed.TotalSeconds >= seconds)
                    return false;
                Thread.Sleep(pause);
            }
        }
    }
}
