// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using System;
using System.IO;

namespace ansible_collections.comindware.platform.plugins.module_utils._Entry
{
    /// <summary>A name in a folder. `Kind` is `file`, `directory` or one of the link kinds.</summary>
    public class Entry
    {
        public string Path;
        public string Name;
        public string Kind;
        public long Size;
        public DateTime Modified;
        public FileAttributes Attributes;
        public Link Link;

        public bool IsFile { get { return Kind == "file"; } }
        public bool IsDirectory { get { return Kind == "directory"; } }
    }
}
