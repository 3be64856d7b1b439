// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Operation;
using ansible_collections.comindware.platform.plugins.module_utils._RegistryStore;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using System.Collections.Generic;

namespace ansible_collections.comindware.platform.plugins.module_utils._RegistryOperations
{
    /// <summary>`registry_value` and, as one value of the machine's environment, `environment_variable`. A value of
    /// null is absence.</summary>
    public class WriteValue : Operation
    {
        private readonly string hive;
        private readonly string key;
        private readonly int view;
        private readonly string name;
        private readonly Map wanted;

        public WriteValue(Map fields)
        {
            hive = fields.Text("hive", "HKLM");
            key = fields.Text("key").Trim('\\');
            view = (int)fields.Number("view", 64);
            name = fields.Text("name", "");
            wanted = new Map { { "type", fields.Text("type", "string") }, { "data", fields.Get("data") } };
            if (view != 64 && view != 32)
                throw Failure.BadRequest("A registry view is 64 or 32, not " + view + ".");
            if (wanted.Get("data") == null)
                wanted = null;
            else
                RegistryStore.Check(wanted);
        }

        /// <summary>The fields of `environment_variable` as those of a registry value.</summary>
        public static Map Variable(Map fields)
        {
            string value = fields.Text("value", null);
            return new Map
            {
                { "hive", "HKLM" },
                { "key", RegistryStore.EnvironmentKey },
                { "view", 64L },
                { "name", fields.Text("name") },
                { "type", value != null && value.Contains("%") ? "expand_string" : "string" },
                { "data", value },
            };
        }

        public override Map Inverse(OperationContext context, int index)
        {
            Map old = RegistryStore.ReadValue(hive, view, key, name);
            if (RegistryStore.Same(old, wanted))
                return null;
            List<object> missing = new List<object>();
            for (string above = key; above.Length > 0 && !RegistryStore.KeyExists(hive, view, above);)
            {
                missing.Add(above);
                int cut = above.LastIndexOf('\\');
                above = cut < 0 ? "" : above.Substring(0, cut);
            }
            return new Map { { "old", old }, { "missing_keys", missing } };
        }

        public override void Act(OperationContext context, Map inverse)
        {
            Seams.Current.Point("before:registry", hive + "\\" + key + "\\" + name);
            Put(wanted);
            Seams.Current.Point("after:registry", hive + "\\" + key + "\\" + name);
        }

        private void Put(Map value)
        {
            if (value == null)
                RegistryStore.DeleteValue(hive, view, key, name);
            else
                RegistryStore.WriteValue(hive, view, key, name, value);
        }

        public override void Verify()
        {
            if (!RegistryStore.Same(RegistryStore.ReadValue(hive, view, key, name), wanted))
                throw NotAsWritten("The registry value '" + hive + "\\" + key + "\\" + name + "'");
        }

        public override void Undo(OperationContext context, Map inverse)
        {
            Map old = inverse.Child("old");
            if (!RegistryStore.Same(RegistryStore.ReadValue(hive, view, key, name), old))
                Put(old);
            foreach (string created in inverse.Texts("missing_keys"))
                RegistryStore.DeleteEmptyKey(hive, view, created);
        }
    }
}
