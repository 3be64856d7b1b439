// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._HostQueries;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using System;
using System.Collections.Generic;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._CopyFailure
{
    /// <summary>Why a share or another place for copies cannot be written to, and what to do about it.</summary>
    public static class CopyFailure
    {
        // What a server says to a logon that cannot show it any credentials: ERROR_ACCESS_DENIED,
        // ERROR_NO_SUCH_LOGON_SESSION, ERROR_LOGON_FAILURE
        private static readonly int[] Refused = { 5, 1312, 1326 };

        private const string DoubleHop = " WinRM gives a task a network logon, which cannot show its credentials to another "
            + "server (the double hop). Let the task run with become: true, become_method: runas and the password of "
            + "that account, or connect with CredSSP, or with Kerberos and delegation. Where one of these is in use "
            + "already, ";

        public static Map Explain(string to, Func<Map> act)
        {
            try
            {
                return act();
            }
            catch (Failure failure)
            {
                object path;
                int number = Failure.NumberOf(failure);
                bool there = failure.Details.TryGetValue("path", out path) && path is string
                    && Paths.IsWithin((string)path, Paths.Root(to));
                string reason = there && failure.Code == "win32" ? Reason(number, to) : null;
                if (reason == null)
                    throw;
                throw new Failure("copy_refused", "No copy of a backup set can be made in '" + to + "': " + reason,
                    new Map { { "path", to }, { "number", (long)number } });
            }
        }

        private static string Reason(int number, string to)
        {
            bool remote = to.StartsWith(@"\\", StringComparison.Ordinal);
            string[] names = to.TrimStart('\\').Split('\\');
            string server = remote ? "the server '" + names[0] + "'" : "this host";
            string end = " (Win32 error " + number + "). ";
            if (Refused.Contains(number))
                return server + " refuses access to " + HostQueries.User + end.TrimEnd()
                    + (remote && Seams.Current.IsNetworkLogon() ? DoubleHop + "give" : " Give")
                    + " that account the right to create, change and delete files there.";
            switch (number)
            {
                case 2:
                case 3:
                    return "there is no such drive or folder" + end + "Correct the path.";
                case 53:
                    return server + " was not found in the network" + end
                        + "Check its name, whether it is on, and whether this host reaches its port 445.";
                case 64:
                    return server + " ended the connection" + end
                        + "It may have been restarted, or a firewall cuts it: check that, then try again.";
                case 67:
                    return server + " has no share '" + names.ElementAtOrDefault(1) + "'" + end + "Check its name.";
                case 1219:
                    return "this host is connected to " + server + " under another account already" + end
                        + "End that connection with: net use \\\\" + names[0] + " /delete - or use another name of the "
                        + "server, such as its address.";
                default:
                    return null;
            }
        }
    }
}
