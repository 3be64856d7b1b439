// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

// The module is compiled without the worker's sources.
#if WORKER
using ansible_collections.comindware.platform.plugins.module_utils._Worker;

namespace Standin
{
    /// <summary>Plays the worker program.</summary>
    public static class WorkerRunner
    {
        public static int Main(string[] arguments)
        {
            StandinSeams.Install("worker");
            return Worker.Run(arguments);
        }
    }
}
#endif
