// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using System;
using System.IO;
using System.Linq;

namespace Standin
{
    /// <summary>Plays a job object: all processes whose environment has a mark that their first one was given. The end
    /// of the worker is left to the program itself, which asks Linux to die with its parent.</summary>
    public sealed class HeldProcesses : ProcessTree
    {
        private readonly string mark;
        private bool released;

        public HeldProcesses(string name, string value)
        {
            mark = name + "=" + value;
        }

        public override void Kill()
        {
            // What is started meanwhile is found by the next look.
            while (Directory.GetDirectories("/proc").Count(KilledIfMarked) > 0)
                System.Threading.Thread.Sleep(10);
        }

        private bool KilledIfMarked(string process)
        {
            int id;
            if (!Int32.TryParse(Path.GetFileName(process), out id))
                return false;
            try
            {
                // Empty for one that is dead and that nobody has waited for yet.
                if (!File.ReadAllText(Path.Combine(process, "environ")).Split('\0').Contains(mark))
                    return false;
            }
            catch (Exception)
            {
                return false; // somebody else's, or gone
            }
            return Native.Kill(id);
        }

        public override void Release()
        {
            released = true;
        }

        public override void Dispose()
        {
            if (!released)
                Kill();
        }
    }
}
