// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using System;
using System.IO;
using System.Linq;

namespace Standin
{
    /// <summary>The shares of the fleet's file servers, folders of this machine: `\\server\share` is
    /// shares/server/share of the fleet. Strict, as a file server is: a logon without credentials is nobody there, and
    /// the worker is the computer account, to which a share gives nothing.</summary>
    public class Shares
    {
        private static readonly string[] Changes =
            { "write", "replace", "append", "delete", "move", "copy", "create_directory", "set_attributes" };
        private readonly string folder;
        private readonly Settings settings;
        private readonly bool isWorker;

        public Shares(string host, Settings settings, bool isWorker)
        {
            folder = Path.GetFullPath(Path.Combine(host, "..", "..", "shares"));
            this.settings = settings;
            this.isWorker = isWorker;
        }

        public static bool IsShare(string path)
        {
            return path.StartsWith(@"\\", StringComparison.Ordinal);
        }

        /// <summary>The folder that plays the root of a share. Without a server of that name 53
        /// ERROR_BAD_NETPATH, without a share 67 ERROR_BAD_NET_NAME.</summary>
        public string Folder(string path)
        {
            string root = Paths.Root(path).ToLowerInvariant();
            Map shares = settings.Child("shares");
            string server = root.Substring(0, root.LastIndexOf('\\') + 1);
            if (!shares.Keys.Any(name => name.ToLowerInvariant().StartsWith(server, StringComparison.Ordinal)))
                throw Failure.Win32(53, path);
            Map share = Share(root);
            if (share == null)
                throw Failure.Win32(67, path);
            if (isWorker || !settings.Flag("delegation", false))
                throw Failure.Win32(5, path);
            return Path.Combine(folder, root.TrimStart('\\').Replace('\\', '/'));
        }

        private Map Share(string root)
        {
            Map shares = settings.Child("shares");
            string name = shares.Keys.FirstOrDefault(one =>
                String.Equals(one, root, StringComparison.OrdinalIgnoreCase));
            return name == null ? null : shares.Child(name);
        }

        /// <summary>A share may be readable only, and any error can be set for what changes it.</summary>
        public void Refuse(string call, string path)
        {
            if (path == null || !IsShare(path) || !Changes.Contains(call))
                return;
            Map share = Share(Paths.Root(path)) ?? new Map();
            if (!share.Flag("writable", true))
                throw Failure.Win32(5, path);
        }

        public long FreeBytes(string path, long otherwise)
        {
            return (Share(Paths.Root(path)) ?? new Map()).Number("free_bytes", otherwise);
        }
    }
}
