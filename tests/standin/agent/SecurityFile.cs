// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Json;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using System;
using System.IO;
using System.Text;
using System.Text.RegularExpressions;

namespace Standin
{
    /// <summary>Owners and access lists, which this machine's files cannot hold: the file security.json of the host,
    /// by lower-case Windows path. A path that is not in it has what a folder of Windows gives by default.</summary>
    public class SecurityFile
    {
        private const string Default = "O:BAD:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;0x1200a9;;;BU)";
        private readonly string path;
        private readonly WatchedFile<Map> entries;

        public SecurityFile(string host)
        {
            path = Path.Combine(host, "security.json");
            entries = WatchedFile.OfMap(path);
        }

        public string Read(string file)
        {
            Map all = entries.Content();
            file = Key(file);
            string own = all.Text(file, null);
            if (own != null)
                return own;
            for (string above = Paths.Parent(file); above != null; above = Paths.Parent(above))
            {
                string sddl = all.Text(above, null);
                if (sddl != null)
                    return Inherited(sddl);
            }
            return Default;
        }

        /// <summary>What a file below gets: the entries of the folder, marked as inherited.</summary>
        private static string Inherited(string sddl)
        {
            int access = sddl.IndexOf("D:", StringComparison.Ordinal);
            string entries = sddl.Substring(sddl.IndexOf('(', access))
                .Replace(";OICI;", ";ID;").Replace(";OICIID;", ";ID;");
            return "O:BAD:AI" + entries;
        }

        public void Write(string file, string sddl)
        {
            Change(all => all[Key(file)] = sddl);
        }

        /// <summary>ReplaceFile keeps the access list, and the new file's owner is who wrote it.</summary>
        public void Replaced(string file)
        {
            string own = entries.Content().Text(Key(file), null);
            if (own != null)
                Write(file, Regex.Replace(own, "^O:.*?(?=G:|D:|$)", "O:BA"));
        }

        public void Forget(string file)
        {
            if (entries.Content().ContainsKey(Key(file)))
                Change(all => all.Remove(Key(file)));
        }

        private void Change(Action<Map> change)
        {
            using (ProcessLock mine = Wait())
            {
                Map all = entries.Read();
                change(all);
                string beside = path + ".new";
                File.WriteAllText(beside, Json.Write(all), new UTF8Encoding(false));
                if (File.Exists(path))
                    File.Replace(beside, path, null);
                else
                    File.Move(beside, path);
            }
        }

        private ProcessLock Wait()
        {
            ProcessLock mine = null;
            while ((mine = ProcessLock.Try(path + ".lock")) == null)
                System.Threading.Thread.Sleep(10);
            return mine;
        }

        private static string Key(string file)
        {
            return Paths.Normalise(file).ToLowerInvariant();
        }
    }
}
