// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._BackupSet;
using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Json;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Operation;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._RegistryStore;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using ansible_collections.comindware.platform.plugins.module_utils._Secrets;
using ansible_collections.comindware.platform.plugins.module_utils._Text;
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._RegistryRestore
{
    /// <summary>`restore_registry`: a key with everything below it becomes as an item of a backup set has it. Its
    /// values never leave the host: any of them may be secret.</summary>
    public class RestoreRegistry : Operation
    {
        private readonly string hive;
        private readonly string key;
        private readonly int view;
        private readonly string id;
        private readonly BackupSet set;
        private Map wanted;

        public RestoreRegistry(Map fields)
        {
            hive = fields.Text("hive", "HKLM");
            key = fields.Text("key").Trim('\\');
            view = (int)fields.Number("view", 64);
            id = fields.Text("item");
            set = new BackupSet(RootedPath(fields, "backup"));
            if (view != 64 && view != 32)
                throw Failure.BadRequest("A registry view is 64 or 32, not " + view + ".");
        }

        public override Map Inverse(OperationContext context, int index)
        {
            Map item = set.FindItem(id, set.ManifestHash);
            if (item.Text("kind") != "registry")
                throw Failure.BadRequest("The item '" + id + "' of '" + set.Folder + "' is a " + item.Text("kind")
                    + ", not a registry key.");
            set.VerifyItem(item, delegate { });
            wanted = item.Flag("present", false) ? Saved(item) : new Map { { "exists", false } };
            Map now = Now();
            return Same(now, wanted) ? null : new Map { { "old", now } };
        }

        private Map Saved(Map item)
        {
            string file = Paths.Combine(set.Folder, item.Maps("entries").Single().Text("path"));
            Map views = Json.ParseMap(Text.Utf8.GetString(Disk.Read(file))).Child("views");
            Map saved = views.Child(view.ToString(CultureInfo.InvariantCulture));
            if (saved == null)
                throw Failure.BadRequest("The item '" + id + "' of '" + set.Folder + "' has no " + view
                    + "-bit view of the registry.");
            return saved;
        }

        private Map Now()
        {
            return RegistryStore.ReadKey(hive, view, key, true, new Secrets(null));
        }

        private static bool Same(Map one, Map other)
        {
            if (!one.Flag("exists", true) || !other.Flag("exists", true))
                return one.Flag("exists", true) == other.Flag("exists", true);
            return Json.Canonical(one, new string[0]) == Json.Canonical(other, new string[0]);
        }

        public override void Act(OperationContext context, Map inverse)
        {
            Put(wanted);
        }

        private void Put(Map content)
        {
            Seams.Current.Point("before:registry", hive + "\\" + key);
            if (content.Flag("exists", true))
                Put(key, content, Now());
            else
                Remove(key, Now());
            Seams.Current.Point("after:registry", hive + "\\" + key);
        }

        private void Put(string path, Map content, Map now)
        {
            Map values = content.Child("values");
            Map keys = content.Child("keys");
            RegistryStore.CreateKey(hive, view, path);
            foreach (string name in Others(now.Child("values"), values))
                RegistryStore.DeleteValue(hive, view, path, name);
            foreach (string name in Others(now.Child("keys"), keys))
                Remove(path + "\\" + name, now.Child("keys").Child(name));
            foreach (KeyValuePair<string, object> value in values)
            {
                if (!RegistryStore.Same(RegistryStore.ReadValue(hive, view, path, value.Key), (Map)value.Value))
                    RegistryStore.WriteValue(hive, view, path, value.Key, (Map)value.Value);
            }
            foreach (KeyValuePair<string, object> below in keys)
                Put(path + "\\" + below.Key, (Map)below.Value, Below(now, below.Key));
        }

        private static List<string> Others(Map there, Map wanted)
        {
            return there.Keys.Except(wanted.Keys, StringComparer.OrdinalIgnoreCase).ToList();
        }

        private static Map Below(Map now, string name)
        {
            Map keys = now.Child("keys");
            string same = keys.Keys.FirstOrDefault(one => String.Equals(one, name, StringComparison.OrdinalIgnoreCase));
            return same == null ? new Map { { "values", new Map() }, { "keys", new Map() } } : keys.Child(same);
        }

        private void Remove(string path, Map there)
        {
            foreach (string name in there.Child("keys").Keys.ToList())
                Remove(path + "\\" + name, there.Child("keys").Child(name));
            foreach (string name in there.Child("values").Keys.ToList())
                RegistryStore.DeleteValue(hive, view, path, name);
            RegistryStore.DeleteEmptyKey(hive, view, path);
        }

        public override void Verify()
        {
            if (!Same(Now(), wanted))
                throw NotAsWritten("The registry key '" + hive + "\\" + key + "'");
        }

        public override void Undo(OperationContext context, Map inverse)
        {
            Map old = inverse.Child("old");
            if (!Same(Now(), old))
                Put(old);
        }
    }
}
