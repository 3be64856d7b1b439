// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using ansible_collections.comindware.platform.plugins.module_utils._Secrets;
using Microsoft.Win32;
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._RegistryStore
{
    /// <summary>The registry in both views. A value is `{"type", "data"}`, types as in the protocol.</summary>
    public static class RegistryStore
    {
        public const string EnvironmentKey = @"SYSTEM\CurrentControlSet\Control\Session Manager\Environment";

        private static readonly Dictionary<string, RegistryValueKind> Kinds =
            new Dictionary<string, RegistryValueKind>
            {
                { "string", RegistryValueKind.String },
                { "expand_string", RegistryValueKind.ExpandString },
                { "dword", RegistryValueKind.DWord },
                { "qword", RegistryValueKind.QWord },
                { "multi_string", RegistryValueKind.MultiString },
                { "binary", RegistryValueKind.Binary },
            };

        private static RegistryKey Hive(string hive, int view)
        {
            RegistryView registryView = view == 32 ? RegistryView.Registry32 : RegistryView.Registry64;
            switch (hive.ToUpperInvariant())
            {
                case "HKLM": return RegistryKey.OpenBaseKey(RegistryHive.LocalMachine, registryView);
                case "HKU": return RegistryKey.OpenBaseKey(RegistryHive.Users, registryView);
                case "HKCU": return RegistryKey.OpenBaseKey(RegistryHive.CurrentUser, registryView);
                default: throw Failure.BadRequest("Unknown registry hive '" + hive + "': HKLM, HKU or HKCU is wanted.");
            }
        }

        private static T With<T>(string hive, int view, string key, bool writable, Func<RegistryKey, T> use)
        {
            return Named(hive, view, key, delegate(RegistryKey root, string real)
            {
                using (RegistryKey opened = root.OpenSubKey(real, writable))
                    return use(opened);
            });
        }

        private static void WithCreated(string hive, int view, string key, Action<RegistryKey> use)
        {
            Named(hive, view, key, delegate(RegistryKey root, string real)
            {
                using (RegistryKey opened = root.CreateSubKey(real))
                    use(opened);
                return true;
            });
        }

        /// <summary>What goes wrong is told with the key: .NET says neither which it was, nor always that it was one.
        /// </summary>
        private static T Named<T>(string hive, int view, string key, Func<RegistryKey, string, T> use)
        {
            return Told(hive + "\\" + key, delegate
            {
                using (RegistryKey root = Hive(hive, view))
                    return use(root, Seams.Current.RegistryKey(key, view));
            });
        }

        private static T Told<T>(string key, Func<T> act)
        {
            try
            {
                return act();
            }
            catch (Exception error)
            {
                throw Failure.From(error, key, "key");
            }
        }

        /// <summary>`{exists, values, keys}` of a key.</summary>
        public static Map ReadKey(string hive, int view, string key, bool recurse, Secrets secrets)
        {
            return With(hive, view, key, false, delegate(RegistryKey opened)
            {
                Map answer = opened == null ? new Map { { "values", new Map() }, { "keys", new Map() } }
                    : Describe(opened, hive + "\\" + key, recurse, secrets);
                answer["exists"] = opened != null;
                return answer;
            });
        }

        /// <summary>What goes meanwhile is left out.</summary>
        private static Map Describe(RegistryKey key, string path, bool recurse, Secrets secrets)
        {
            Map values = new Map();
            foreach (string name in key.GetValueNames().OrderBy(name => name, StringComparer.OrdinalIgnoreCase))
                Add(values, name, Failure.UnlessGone(() => Describe(key, path, name, secrets)));
            Map keys = new Map();
            foreach (string name in key.GetSubKeyNames().OrderBy(name => name, StringComparer.OrdinalIgnoreCase))
                Add(keys, name, Told(path + "\\" + name, () => Below(key, path, name, recurse, secrets)));
            return new Map { { "values", values }, { "keys", keys } };
        }

        private static void Add(Map to, string name, Map found)
        {
            if (found != null)
                to[name] = found;
        }

        private static Map Below(RegistryKey key, string path, string name, bool recurse, Secrets secrets)
        {
            using (RegistryKey below = key.OpenSubKey(name))
                return below == null ? null : recurse ? Describe(below, path + "\\" + name, true, secrets) : new Map();
        }

        private static Map Describe(RegistryKey key, string path, string name, Secrets secrets)
        {
            object data = key.GetValue(name, null, RegistryValueOptions.DoNotExpandEnvironmentNames);
            RegistryValueKind kind = key.GetValueKind(name);
            string type = Kinds.Where(pair => pair.Value == kind).Select(pair => pair.Key).FirstOrDefault() ?? "binary";
            return new Map { { "type", type }, { "data", FromRegistry(data, text => secrets.HideValue(text, path.Split('\\').Concat(new string[] { name }))) } };
        }

        private static object FromRegistry(object data, Func<string, string> hide)
        {
            byte[] bytes = data as byte[];
            if (bytes != null)
                return hide(Convert.ToBase64String(bytes));
            string[] texts = data as string[];
            if (texts != null)
                return texts.Select(text => (object)hide(text)).ToList();
            string single = data as string;
            if (single != null)
                return hide(single);
            if (data is int)
                data = (long)unchecked((uint)(int)data);
            // A number that may be seen stays one.
            string number = Convert.ToString(data, CultureInfo.InvariantCulture);
            return hide(number) == number ? data : hide(number);
        }

        /// <summary>`{type, data}` of a value, or null if it is absent.</summary>
        public static Map ReadValue(string hive, int view, string key, string name)
        {
            return With(hive, view, key, false, delegate(RegistryKey opened)
            {
                if (opened == null || !opened.GetValueNames().Contains(name, StringComparer.OrdinalIgnoreCase))
                    return null;
                return Failure.UnlessGone(() => Describe(opened, key, name, new Secrets(null)));
            });
        }

        public static bool KeyExists(string hive, int view, string key)
        {
            return With(hive, view, key, false, opened => opened != null);
        }

        /// <summary>Creates a key that is missing, and those above it.</summary>
        public static void CreateKey(string hive, int view, string key)
        {
            WithCreated(hive, view, key, Seams.Current.FlushKey);
        }

        public static void WriteValue(string hive, int view, string key, string name, Map value)
        {
            RegistryValueKind kind = KindOf(value.Text("type"));
            object data = ToRegistry(kind, value);
            WithCreated(hive, view, key, delegate(RegistryKey opened)
            {
                opened.SetValue(name, data, kind);
                Seams.Current.FlushKey(opened);
            });
        }

        public static void DeleteValue(string hive, int view, string key, string name)
        {
            With(hive, view, key, true, delegate(RegistryKey opened)
            {
                if (opened != null)
                {
                    opened.DeleteValue(name, false);
                    Seams.Current.FlushKey(opened);
                }
                return true;
            });
        }

        /// <summary>Waits until the hive of a key is on the disk, whoever has changed it.</summary>
        public static void Flush(string hive, int view, string key)
        {
            With(hive, view, key, false, delegate(RegistryKey opened)
            {
                Seams.Current.Point("before:flush_key", hive + "\\" + key);
                if (opened != null)
                    Seams.Current.FlushKey(opened);
                return true;
            });
        }

        /// <summary>Deletes a key if it holds nothing.</summary>
        public static void DeleteEmptyKey(string hive, int view, string key)
        {
            bool empty = With(hive, view, key, false,
                opened => opened != null && opened.ValueCount == 0 && opened.SubKeyCount == 0);
            if (!empty)
                return;
            Named(hive, view, key, delegate(RegistryKey root, string real)
            {
                root.DeleteSubKey(real, false);
                return true;
            });
        }

        /// <summary>Refuses a value that could not be written.</summary>
        public static void Check(Map value)
        {
            ToRegistry(KindOf(value.Text("type")), value);
        }

        private static RegistryValueKind KindOf(string type)
        {
            RegistryValueKind kind;
            if (!Kinds.TryGetValue(type, out kind))
                throw Failure.BadRequest("Unknown registry type '" + type + "': one of "
                    + String.Join(", ", Kinds.Keys) + " is wanted.");
            return kind;
        }

        private static object ToRegistry(RegistryValueKind kind, Map value)
        {
            switch (kind)
            {
                case RegistryValueKind.DWord: return unchecked((int)(uint)value.Number("data", 0));
                case RegistryValueKind.QWord: return value.Number("data", 0);
                case RegistryValueKind.MultiString: return value.Texts("data").ToArray();
                case RegistryValueKind.Binary: return Convert.FromBase64String(value.Text("data", ""));
                default:
                    return value.Text("data", "");
            }
        }

        /// <summary>Same type and data?</summary>
        public static bool Same(Map a, Map b)
        {
            if (a == null || b == null)
                return a == b;
            return String.Equals(a.Text("type"), b.Text("type"), StringComparison.Ordinal)
                && String.Equals(Flat(a.Get("data")), Flat(b.Get("data")), StringComparison.Ordinal);
        }

        private static string Flat(object data)
        {
            List<object> list = data as List<object>;
            return list != null ? String.Join("\0", list) : Convert.ToString(data, CultureInfo.InvariantCulture);
        }
    }
}
