// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Json;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using System;
using System.IO;

namespace Standin
{
    public static class WatchedFile
    {
        /// <summary>A file with an object in JSON; none is as one with an empty object.</summary>
        public static WatchedFile<Map> OfMap(string path)
        {
            return new WatchedFile<Map>(path, text => text == "" ? new Map() : Json.ParseMap(text));
        }
    }

    /// <summary>What a file of the host says, which a test or another process may replace at any time: asked before every point,
    /// and read again only if it is not the file that was read last.</summary>
    public sealed class WatchedFile<T>
    {
        private readonly string path;
        private readonly Func<string, T> parse;
        private FileStamp stamp;
        private T content;

        /// <summary>`parse` makes something of the text, and of "" where there is no file.</summary>
        public WatchedFile(string path, Func<string, T> parse)
        {
            this.path = path;
            this.parse = parse;
        }

        /// <summary>Shared by all threads: nobody may change it.</summary>
        public T Content()
        {
            FileStamp now = Native.Stamp(path);
            lock (parse)
            {
                if (stamp == null || !stamp.IsThatOf(now))
                {
                    // Whoever replaces it meanwhile is seen the next time: the stamp is older than the text.
                    content = Read();
                    stamp = now;
                }
                return content;
            }
        }

        /// <summary>The caller's own.</summary>
        public T Read()
        {
            return parse(File.Exists(path) ? File.ReadAllText(path) : "");
        }
    }
}
