// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Entry;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._NewFolders;
using ansible_collections.comindware.platform.plugins.module_utils._Operation;

namespace ansible_collections.comindware.platform.plugins.module_utils._FolderOperations
{
    /// <summary>`create_folder`: the folder and those above it that are missing, with the access list of the folder
    /// above them.</summary>
    public class CreateFolder : Operation
    {
        private readonly string path;

        public CreateFolder(Map fields)
        {
            path = RootedPath(fields, "path");
        }

        public override Map Inverse(OperationContext context, int index)
        {
            Disk.RefuseLinks(path);
            Entry there = Disk.Find(path);
            if (there != null && !there.IsDirectory)
                throw new Failure("not_a_folder", "'" + path + "' is a " + there.Kind.Replace('_', ' ')
                    + ", and a folder is wanted there. Move it away, or correct the path.", new Map { { "path", path } });
            return there == null ? new Map { { "folders", NewFolders.Missing(path) } } : null;
        }

        public override void Act(OperationContext context, Map inverse)
        {
            foreach (string folder in inverse.Texts("folders"))
                Disk.CreateDirectory(folder);
        }

        public override void Verify()
        {
            Entry there = Disk.Find(path);
            if (there == null || !there.IsDirectory)
                throw NotAsWritten("The folder '" + path + "'");
        }

        public override void Undo(OperationContext context, Map inverse)
        {
            NewFolders.Remove(inverse);
        }
    }

    /// <summary>`remove_folder`: a folder that is empty goes; one that holds something stays, and so does a link.
    /// </summary>
    public class RemoveFolder : Operation
    {
        private readonly string path;

        public RemoveFolder(Map fields)
        {
            path = RootedPath(fields, "path");
        }

        private bool IsEmptyFolder()
        {
            Entry there = Disk.Find(path);
            return there != null && there.IsDirectory && Disk.List(path).Count == 0;
        }

        public override Map Inverse(OperationContext context, int index)
        {
            Disk.RefuseLinksAbove(path);
            return IsEmptyFolder() ? new Map { { "sddl", Disk.ReadSecurity(path) } } : null;
        }

        public override void Act(OperationContext context, Map inverse)
        {
            Disk.Delete(path);
        }

        public override void Verify()
        {
            if (IsEmptyFolder())
                throw NotAsWritten("The folder '" + path + "'");
        }

        public override void Undo(OperationContext context, Map inverse)
        {
            Disk.CreateDirectory(path);
            if (Disk.ReadSecurity(path) != inverse.Text("sddl"))
                Disk.WriteSecurity(path, inverse.Text("sddl"));
        }
    }
}
