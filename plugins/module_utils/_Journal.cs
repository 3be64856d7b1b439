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
        private List<Map> events;
        // Of an event that could not be written, nobody knows how much is on the disk.
        private bool inDoubt;

        /// <summary>Opens it for reading: a last line that a crash has torn is left out.</summary>
        public Journal(string path)
        {
            this.path = path;
            Load();
        }

        private void Load()
        {
            int sound;
            events = Parse(Bytes(Place()), out sound);
        }

        /// <summary>Where it lies: an agent of before repaired it by putting another file in its place, and may have died
        /// between the two renames of that. Null if it is not there.</summary>
        private string Place()
        {
            return new string[] { path }.Concat(Disk.Leftovers(path)).FirstOrDefault(one => Disk.Find(one) != null);
        }

        private static byte[] Bytes(string place)
        {
            return place == null ? new byte[0] : Disk.Read(place);
        }

        /// <summary>Was never an event finished, and does nothing else tell of one? A first line may be torn.</summary>
        public bool IsUnborn
        {
            get
            {
                byte[] bytes = Bytes(Place());
                int end = Array.IndexOf(bytes, (byte)'\n');
                return Disk.Leftovers(path).All(one => Disk.Find(one) == null) && events.Count == 0
                    && (end < 0 || end == bytes.Length - 1);
            }
        }

        /// <summary>The events, and the length of the lines that hold them. As each line is flushed before the next
        /// step, only the last one can be damaged: cut short, or of its full length and without its bytes, which is
        /// what a power loss leaves of a file that had grown.</summary>
        private static List<Map> Parse(byte[] bytes, out int sound)
        {
            List<Map> parsed = new List<Map>();
            int last = Array.LastIndexOf(bytes, (byte)'\n');
            sound = 0;
            while (sound <= last)
            {
                int end = Array.IndexOf(bytes, (byte)'\n', sound);
                try
                {
                    parsed.Add(Json.ParseMap(Text.Utf8.GetString(bytes, sound, end - sound)));
                }
                catch (Exception)
                {
                    if (end == last)
                        break;
                    throw;
                }
                sound = end + 1;
            }
            return parsed;
        }

        public IList<Map> Events { get { return events; } }

        /// <summary>Makes it fit for Add: the torn line goes, as it would spoil the next one.</summary>
        public void Repair()
        {
            string place = Place();
            if (place == null)
                return;
            if (place != path)
                Disk.Move(place, path);
            byte[] bytes = Disk.Read(path);
            int sound;
            Parse(bytes, out sound);
            if (sound < bytes.Length)
                Disk.Shorten(path, sound);
        }

        /// <summary>Adds an event and waits until it is on the disk.</summary>
        public Map Add(string name, Map fields)
        {
            return Write("append", name, fields);
        }

        /// <summary>Adds an event that is only news: nothing fails because it cannot be written.</summary>
        public void Tell(string name, Map fields)
        {
            try
            {
                Write("tell", name, fields);
            }
            catch (Exception)
            {
                // The next event is written behind whatever of this one is whole.
            }
        }

        private Map Write(string call, string name, Map fields)
        {
            if (inDoubt)
            {
                Repair();
                Load();
            }
            Map added = new Map
            {
                { "n", (long)(events.Count + 1) },
                { "time", Times.Text(Seams.Current.Now()) },
                { "event", name },
            };
            foreach (KeyValuePair<string, object> field in fields)
                added[field.Key] = field.Value;
            inDoubt = true;
            Disk.Append(path, Text.Utf8.GetBytes(Json.Write(added) + "\n"), call);
            inDoubt = false;
            events.Add(added);
            return added;
        }
    }
}
