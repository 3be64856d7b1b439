// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Claim;
using ansible_collections.comindware.platform.plugins.module_utils._Compiler;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Protected;
using ansible_collections.comindware.platform.plugins.module_utils._Transaction;
using System.Collections.Generic;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._AgentQuery
{
    /// <summary>The query `agent`: what the agent itself has on the host.</summary>
    public static class AgentQuery
    {
        public static Map Describe(Map query)
        {
            string root = Transaction.RootOf(query);
            bool? isProtected = Protected.Check(root);
            List<object> none = new List<object>();
            // What others may write to is not believed.
            bool usable = isProtected == true;
            return new Map
            {
                { "root", root },
                { "protected", isProtected },
                { "workers", usable ? Compiler.Installed(root) : none },
                { "transactions", usable
                    ? Transaction.All(root).Select(one => (object)Claim.Describe(one)).ToList() : none },
            };
        }
    }
}
