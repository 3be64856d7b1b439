// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Secrets;
using System;
using System.Collections.Generic;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._Operation
{
    /// <summary>What an operation needs of its transaction.</summary>
    public class OperationContext
    {
        /// <summary>The agent's own protected folder.</summary>
        public string Root;

        /// <summary>The protected folder for saved files.</summary>
        public string UndoFolder;

        /// <summary>How the names of saved files begin: the operations of a confirm are counted from 0 as well.
        /// </summary>
        public string SavedPrefix = "";
        public Secrets Secrets;

        /// <summary>Called with the bytes done and the bytes in all.</summary>
        public Action<long, long> Progress;

        /// <summary>Where the transaction saved a file that it has replaced or removed, by lower-case path.</summary>
        public readonly Dictionary<string, string> Saved = new Dictionary<string, string>();
    }

    /// <summary>One change of the host that knows its inverse. The constructor reads every field, so that a wrong plan
    /// is refused before anything is touched. An inverse is recorded before the act: Undo must work from it whatever
    /// part of the act was done, and when it was undone already.</summary>
    public abstract class Operation
    {
        /// <summary>Refuses a plan in which this operation lacks one of those before it.</summary>
        public virtual void CheckEarlier(ICollection<Operation> earlier)
        {
        }

        /// <summary>Reads the host; null if it is as wanted already.</summary>
        public abstract Map Inverse(OperationContext context, int index);

        public abstract void Act(OperationContext context, Map inverse);

        /// <summary>Reads the host back; fails if it is not as wanted.</summary>
        public abstract void Verify();

        public abstract void Undo(OperationContext context, Map inverse);

        /// <summary>Can nothing bring back what it does? Then it belongs to the confirm.</summary>
        public virtual bool OnlyAtConfirm { get { return false; } }

        /// <summary>What its end mark in the journal tells besides, or null.</summary>
        public virtual Map Report { get { return null; } }

        /// <summary>The same of its undo.</summary>
        public virtual Map UndoReport { get { return null; } }

        /// <summary>Does this undo let something run again, now or at the next boot? It is withheld while another
        /// part of the host is not as it was.</summary>
        public virtual bool UndoStarts { get { return false; } }

        /// <summary>May Act be done again after it was done, wholly or in part? Behind a point of no return everything
        /// must be so.</summary>
        public virtual bool Repeats { get { return false; } }

        protected static string RootedPath(Map fields, string name)
        {
            return Rooted(fields.Text(name), name);
        }

        /// <summary>The paths of a field that holds a path or a list of paths; none when it is missing.</summary>
        protected static List<string> RootedPaths(Map fields, string name)
        {
            List<string> texts = fields.Get(name) is string
                ? new List<string> { fields.Text(name) } : fields.Texts(name);
            return texts.Select(text => Rooted(text, name)).ToList();
        }

        private static string Rooted(string path, string name)
        {
            path = Paths.Expand(path);
            if (!Paths.IsRooted(path.Replace('/', '\\')) || Paths.HasWildcard(path))
                throw Failure.BadRequest("The field '" + name + "' must be an absolute path without wildcards, not '"
                    + path + "'.");
            return Paths.Normalise(path);
        }

        protected static Failure NotAsWritten(string what)
        {
            return new Failure("verification_failed", what + " is not as it was written. Something else on the host "
                + "changes it at the same time.");
        }
    }
}
