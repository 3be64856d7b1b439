// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Json;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using ansible_collections.comindware.platform.plugins.module_utils._Text;
using ansible_collections.comindware.platform.plugins.module_utils._Times;
using System;
using System.Collections.Generic;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._Journal
{
    /// <summary>What a transaction did, one event a line, on the disk before the next step.</summary>
    public class Journal
    {
        private readonly string path;
        private readonly List<Map> events;

        /// <summary>Opens it for reading: a last line that a crash has torn is left out.</summary>
        public Journal(string path)
        {
            this.path = path;
            events = Disk.Find(path) == null ? new List<Map>() : Parse(Disk.Read(path));
        }

        private static List<Map> Parse(byte[] bytes)
        {
            int end = Array.LastIndexOf(bytes, (byte)'\n');
            string text = end < 0 ? "" : Text.Utf8.GetString(bytes, 0, end);
            return text.Split(new char[] { '\n' }, StringSplitOptions.RemoveEmptyEntries)
                .Select(Json.ParseMap).ToList();
        }

        public IList<Map> Events { get { return events; } }

        /// <summary>Makes it fit for Add: the torn line goes, as it would spoil the next one.</summary>
        public void Repair()
        {
            if (Disk.Find(path) == null)
                return;
            byte[] bytes = Disk.Read(path);
            int end = Array.LastIndexOf(bytes, (byte)'\n') + 1;
            if (end < bytes.Length)
                Disk.Write(path, bytes.Take(end).ToArray());
        }

        /// <summary>Adds an event and waits until it is on the disk.</summary>
        public Map Add(string name, Map fields)
        {
            Map added = new Map
            {
                { "n", (long)(events.Count + 1) },
                { "time", Times.Text(Seams.Current.Now()) },
                { "event", name },
            };
            foreach (KeyValuePair<string, object> field in fields)
                added[field.Key] = field.Value;
            Disk.Append(path, Text.Utf8.GetBytes(Json.Write(added) + "\n"));
            events.Add(added);
            return added;
        }
    }
}
