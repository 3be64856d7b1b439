// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._AskOperation;
using ansible_collections.comindware.platform.plugins.module_utils._BackupOperations;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._FileOperations;
using ansible_collections.comindware.platform.plugins.module_utils._FolderOperations;
using ansible_collections.comindware.platform.plugins.module_utils._IisOperations;
using ansible_collections.comindware.platform.plugins.module_utils._LinkOperations;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Operation;
using ansible_collections.comindware.platform.plugins.module_utils._PruneOperation;
using ansible_collections.comindware.platform.plugins.module_utils._RegistryOperations;
using ansible_collections.comindware.platform.plugins.module_utils._RegistryRestore;
using ansible_collections.comindware.platform.plugins.module_utils._RemoveOperation;
using ansible_collections.comindware.platform.plugins.module_utils._ScriptOperations;
using ansible_collections.comindware.platform.plugins.module_utils._SetOperations;
using ansible_collections.comindware.platform.plugins.module_utils._Status;
using ansible_collections.comindware.platform.plugins.module_utils._TreeOperations;
using ansible_collections.comindware.platform.plugins.module_utils._WaitOperations;
using System;
using System.Collections.Generic;

namespace ansible_collections.comindware.platform.plugins.module_utils._Operations
{
    /// <summary>The vocabulary of plans.</summary>
    public static class Operations
    {
        private static readonly Dictionary<string, Func<Map, Operation>> Known =
            new Dictionary<string, Func<Map, Operation>>
            {
                { "site_auto_start", fields => new StartBehaviour(fields) },
                { "pool_start_mode", fields => new StartBehaviour(fields) },
                { "stop_site", fields => new RunState(fields) },
                { "start_site", fields => new RunState(fields) },
                { "stop_pool", fields => new RunState(fields) },
                { "start_pool", fields => new RunState(fields) },
                { "stop_service", fields => new ServiceState(fields) },
                { "start_service", fields => new ServiceState(fields) },
                { "ask_site", fields => new AskSite(fields) },
                { "wait_released", fields => new WaitReleased(fields) },
                { "write_file", fields => new WriteFile(fields) },
                { "create_folder", fields => new CreateFolder(fields) },
                { "remove_folder", fields => new RemoveFolder(fields) },
                { "remove_file", fields => new RemoveFile(fields) },
                { "create_link", fields => new CreateLink(fields) },
                { "remove_link", fields => new RemoveLink(fields) },
                { "registry_value", fields => new WriteValue(fields) },
                { "environment_variable", fields => new WriteValue(WriteValue.Variable(fields)) },
                { "backup_set", fields => new WriteBackupSet(fields) },
                { "prune_sets", fields => new PruneSets(fields) },
                { "remove_tree", fields => new RemoveTree(fields) },
                { "protect_tree", fields => new ProtectTree(fields) },
                { "restore_tree", fields => fields.Text("kind", "tree") == "file"
                    ? new RestoreFile(fields) : (Operation)new RestoreTree(fields) },
                { "restore_registry", fields => new RestoreRegistry(fields) },
                { "verify_set", fields => new VerifySet(fields) },
                { "extract", fields => new Extract(fields) },
                { "run_script", fields => new RunScript(fields) },
            };

        /// <summary>Reads all operations of a plan once: refuses a wrong field, one that lacks another before it, and
        /// behind a point of no return one that cannot be done again.</summary>
        public static void Check(Map plan)
        {
            List<Operation> earlier = new List<Operation>();
            bool past = false;
            foreach (Map fields in plan.Maps("operations"))
            {
                Operation operation = Create(fields);
                if (operation.OnlyAtConfirm)
                    throw Failure.BadRequest(fields.Text("op") + " belongs in on_confirm: nothing brings back what it "
                        + "removes.");
                operation.CheckEarlier(earlier);
                earlier.Add(operation);
                past |= fields.Flag(Status.PointField, false);
                if (past && !operation.Repeats)
                    throw Failure.BadRequest("'" + fields.Text("op") + "' stands behind a point of no return, but "
                        + "cannot be done again after an interruption. Only operations that start something can.");
            }
            // What a confirm does is not undone, so nothing there relies on what an undo would bring back.
            foreach (Map fields in plan.Maps("on_confirm"))
                Create(fields).CheckEarlier(new List<Operation>());
        }

        /// <summary>The operation of these fields; a wrong field is refused here.</summary>
        public static Operation Create(Map fields)
        {
            Func<Map, Operation> create;
            if (!Known.TryGetValue(fields.Text("op"), out create))
                throw Failure.BadRequest("Unknown operation '" + fields.Text("op") + "'.");
            return create(fields);
        }
    }
}
