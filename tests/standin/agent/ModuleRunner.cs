// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Agent;

namespace Standin
{
    /// <summary>Plays the module: the base64 request in, the answer out.</summary>
    public static class ModuleRunner
    {
        public static int Main()
        {
            return Served.By(request =>
            {
                Native.ForgetFolders();
                StandinSeams.Install("module");
                return Agent.Run(request.Trim());
            });
        }
    }
}
