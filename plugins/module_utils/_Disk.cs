// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Entry;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._FullDisk;
using ansible_collections.comindware.platform.plugins.module_utils._Holding;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Retry;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using ansible_collections.comindware.platform.plugins.module_utils._Streams;
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._Disk
{
    /// <summary>Every byte to and from the disk goes through here. Before and after each call lies a fault point;
    /// each error becomes a Failure that names the path, and the process that holds the file.</summary>
    public static class Disk
    {
        private const int BufferSize = 1024 * 1024;
        // Administrators keep copies called `.old` and `.new` of their own beside their files.
        private const string NewEnd = ".~agent-new";
        private const string OldEnd = ".~agent-old";
        // Virus scanners hold new files for a moment: these errors go away within a second. 5 ERROR_ACCESS_DENIED,
        // 32 ERROR_SHARING_VIOLATION, 33 ERROR_LOCK_VIOLATION, 1175 ERROR_UNABLE_TO_REMOVE_REPLACED
        private static readonly int[] Passing = { 5, 32, 33, 1175 };

        /// <summary>What is at the path itself (a link is not followed), or null.</summary>
        public static Entry Find(string path)
        {
            path = Paths.Normalise(path);
            return At("find", path, () => Failure.UnlessGone(delegate
            {
                string real = Real(path);
                return Describe(path, real, File.GetAttributes(real));
            }));
        }

        private static Entry Describe(string path, string real, FileAttributes attributes)
        {
            Entry entry = new Entry();
            entry.Path = path;
            entry.Name = Paths.Name(path);
            entry.Attributes = attributes;
            entry.Modified = File.GetLastWriteTimeUtc(real);
            if (Seams.Current.IsLink(path, attributes))
                entry.Link = Seams.Current.ReadLink(path);
            bool directory = (attributes & FileAttributes.Directory) != 0;
            entry.Kind = entry.Link != null ? entry.Link.Kind : directory ? "directory" : "file";
            if (entry.IsFile)
                entry.Size = new FileInfo(real).Length;
            return entry;
        }

        /// <summary>The entries of a folder by name, without case; one that goes meanwhile is left out.</summary>
        public static List<Entry> List(string path)
        {
            path = Paths.Normalise(path);
            return At("list", path, delegate
            {
                return new DirectoryInfo(Real(path)).GetFileSystemInfos()
                    .Select(info => Failure.UnlessGone(() =>
                        Describe(Paths.Combine(path, info.Name), info.FullName, info.Attributes)))
                    .Where(entry => entry != null)
                    .OrderBy(entry => entry.Name, StringComparer.OrdinalIgnoreCase).ToList();
            });
        }

        /// <summary>All entries below a folder, parents before children; links are listed and never entered. Only the
        /// folder itself must not go meanwhile.</summary>
        public static IEnumerable<Entry> Walk(string path)
        {
            return WithBelow(List(path));
        }

        private static IEnumerable<Entry> WithBelow(List<Entry> entries)
        {
            foreach (Entry entry in entries)
            {
                yield return entry;
                List<Entry> children = entry.IsDirectory ? Failure.UnlessGone(() => List(entry.Path)) : null;
                foreach (Entry below in WithBelow(children ?? new List<Entry>()))
                    yield return below;
            }
        }

        public static byte[] Read(string path)
        {
            return ReadPart(path, 0, Int64.MaxValue);
        }

        /// <summary>At most `count` bytes from `start` on.</summary>
        public static byte[] ReadPart(string path, long start, long count)
        {
            return At("read", path, delegate
            {
                using (FileStream from = OpenRead(path))
                {
                    from.Seek(start, SeekOrigin.Begin);
                    byte[] bytes = new byte[Math.Max(0, Math.Min(count, from.Length - start))];
                    int filled = 0;
                    for (int got = 1; got > 0 && filled < bytes.Length; filled += got)
                        got = from.Read(bytes, filled, bytes.Length - filled);
                    Array.Resize(ref bytes, filled);
                    return bytes;
                }
            });
        }

        public static string Hash(string path)
        {
            return Hash(path, delegate { });
        }

        /// <summary>As above; `progress` is told the bytes of each piece.</summary>
        public static string Hash(string path, Action<long> progress)
        {
            return At("read", path, delegate
            {
                using (FileStream from = OpenRead(path))
                    return Streams.Hash(from, progress);
            });
        }

        /// <summary>Writes a file in place of what was there in one step: a file beside it, flushed, takes its name.
        /// The access list of an existing file is kept by ReplaceFile.</summary>
        public static void Write(string path, byte[] bytes)
        {
            using (MemoryStream from = new MemoryStream(bytes))
                Write(path, from, delegate { });
        }

        /// <summary>As above, with the bytes of another file.</summary>
        public static void WriteCopy(string path, string source, Action<long> progress)
        {
            using (FileStream from = OpenRead(source))
                Write(path, from, progress);
        }

        private static void Write(string path, Stream from, Action<long> progress)
        {
            path = Paths.Normalise(path);
            RefuseLinks(path);
            string beside = path + NewEnd;
            FullDisk.Explain(path, () => from.Length, () => Do("write", path, delegate
            {
                using (FileStream to = OpenWrite(beside))
                {
                    Streams.Copy(from, to, progress);
                    Seams.Current.Flush(to, path);
                }
            }));
            PutInPlace(beside, path);
        }

        private static void PutInPlace(string beside, string path)
        {
            Entry old = Find(path);
            // Without a backup name an error 1176 of ReplaceFile can leave no file at all.
            string backup = path + OldEnd;
            Do("replace", path, delegate
            {
                if (old == null)
                    File.Move(Real(beside), Real(path));
                else
                    ReplaceExisting(beside, path, backup, old);
            }, Passing);
            if (old == null)
                return;
            SetAttributes(path, old.Attributes);
            Delete(backup);
        }

        private static void ReplaceExisting(string beside, string path, string backup, Entry old)
        {
            if (old.IsDirectory)
                throw Failure.Win32(5, path);
            // ReplaceFile refuses a read-only file.
            File.SetAttributes(Real(path), old.Attributes & ~FileAttributes.ReadOnly);
            File.Replace(Real(beside), Real(path), Real(backup), true);
        }

        /// <summary>Deletes what a Write that was interrupted left beside the file.</summary>
        public static void DeleteLeftovers(string path)
        {
            Array.ForEach(Leftovers(path), Delete);
        }

        /// <summary>The names that a Write gives for a while to what was there, and to what shall be there.</summary>
        public static string[] Leftovers(string path)
        {
            return new string[] { path + OldEnd, path + NewEnd };
        }

        /// <summary>Adds a line to a file and flushes it to the disk; `call` is the name of the point.</summary>
        public static void Append(string path, byte[] bytes, string call = "append")
        {
            Do(call, path, delegate
            {
                using (FileStream to = OpenToChange(path, FileMode.Append))
                {
                    to.Write(bytes, 0, bytes.Length);
                    Seams.Current.Flush(to, path);
                }
            });
        }

        /// <summary>Only the opening is tried again: nobody knows how much a failed write has written.</summary>
        private static FileStream OpenToChange(string path, FileMode mode)
        {
            return Retry.OnNumbers(Passing, () => new FileStream(Real(path), mode, FileAccess.Write, FileShare.Read));
        }

        /// <summary>Shortens a file in place, and waits until that is on the disk.</summary>
        public static void Shorten(string path, long length)
        {
            Do("shorten", path, delegate
            {
                using (FileStream file = OpenToChange(path, FileMode.Open))
                {
                    file.SetLength(length);
                    Seams.Current.Flush(file, path);
                }
            });
        }

        /// <summary>Copies a file to a name that is free, flushes it, and answers its SHA-256.</summary>
        public static string Copy(string from, string to, Action<long> progress)
        {
            RefuseLinks(to);
            string hash = null;
            FullDisk.Explain(to, () => Find(from).Size, () => Do("copy", to, delegate
            {
                using (FileStream source = OpenRead(from))
                using (FileStream target = OpenWrite(to))
                {
                    hash = Streams.CopyAndHash(source, target, progress);
                    Seams.Current.Flush(target, to);
                }
            }));
            return hash;
        }

        /// <summary>Deletes a file or an empty folder; a link is refused, and nothing there is no error.</summary>
        public static void Delete(string path)
        {
            Entry entry = Find(path);
            if (entry == null)
                return;
            RefuseLinks(path);
            Do("delete", path, delegate
            {
                string real = Real(path);
                if ((entry.Attributes & FileAttributes.ReadOnly) != 0)
                    File.SetAttributes(real, entry.Attributes & ~FileAttributes.ReadOnly);
                if (entry.IsDirectory)
                    Directory.Delete(real, false);
                else
                    File.Delete(real);
            }, Passing);
        }

        /// <summary>Gives a file or a folder a name that is free.</summary>
        public static void Move(string from, string to)
        {
            RefuseLinks(to);
            Action<string, string> move = Find(from).IsDirectory ? (Action<string, string>)Directory.Move : File.Move;
            Do("move", to, () => move(Real(from), Real(to)), Passing);
        }

        /// <summary>Creates a folder and the folders above it.</summary>
        public static void CreateDirectory(string path)
        {
            RefuseLinks(path);
            At("create_directory", path, () => Directory.CreateDirectory(Real(path)));
        }

        public static void SetAttributes(string path, FileAttributes attributes)
        {
            RefuseLinks(path);
            Do("set_attributes", path, () => File.SetAttributes(Real(path), attributes));
        }

        public static void SetModified(string path, DateTime modified)
        {
            RefuseLinks(path);
            Do("set_attributes", path, () => File.SetLastWriteTimeUtc(Real(path), modified));
        }

        public static Link ReadLink(string path)
        {
            return (Find(path) ?? new Entry()).Link;
        }

        public static void CreateLink(string path, Link link)
        {
            RefuseLinksAbove(path);
            Do("create_link", path, () => Seams.Current.CreateLink(path, link));
        }

        public static void RemoveLink(string path)
        {
            RefuseLinksAbove(path);
            Link link = ReadLink(path);
            if (link != null)
                Do("remove_link", path, () => Seams.Current.RemoveLink(path, link));
        }

        public static string ReadSecurity(string path)
        {
            return At("read_security", path, () => Seams.Current.ReadSecurity(path));
        }

        public static void WriteSecurity(string path, string sddl)
        {
            RefuseLinks(path);
            Do("write_security", path, () => Seams.Current.WriteSecurity(path, sddl));
        }

        public static void CreateSecuredDirectory(string path, string sddl)
        {
            RefuseLinks(path);
            Do("create_directory", path, () => Seams.Current.CreateSecuredDirectory(path, sddl));
        }

        /// <summary>Nothing is written, copied or deleted through a link, wherever in the path it lies.</summary>
        public static void RefuseLinks(string path)
        {
            if (ReadLink(path) != null)
                throw LinkInPath(path, path);
            RefuseLinksAbove(path);
        }

        public static void RefuseLinksAbove(string path)
        {
            for (string above = Paths.Parent(path); above != null; above = Paths.Parent(above))
            {
                if (ReadLink(above) != null)
                    throw LinkInPath(path, above);
            }
        }

        private static Failure LinkInPath(string path, string link)
        {
            return new Failure("link_in_path", "'" + link + "' is a link: nothing is changed through it, so '" + path
                + "' stays as it is. Name the folder that the link leads to.",
                new Dictionary<string, object> { { "path", path }, { "link", link } });
        }

        private static FileStream OpenRead(string path)
        {
            // Log files and databases are open for writing in their own program: share everything.
            return new FileStream(Real(path), FileMode.Open, FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete, BufferSize, FileOptions.SequentialScan);
        }

        private static FileStream OpenWrite(string path)
        {
            return new FileStream(Real(path), FileMode.Create, FileAccess.Write, FileShare.None, BufferSize,
                FileOptions.SequentialScan);
        }

        private static string Real(string path)
        {
            return Seams.Current.RealPath(Paths.Long(Paths.Normalise(path)));
        }

        private static void Do(string point, string path, Action act, params int[] passing)
        {
            At(point, path, delegate
            {
                act();
                return true;
            }, passing);
        }

        private static T At<T>(string point, string path, Func<T> act, params int[] passing)
        {
            try
            {
                T result = Retry.OnNumbers(passing, delegate
                {
                    Seams.Current.Point("before:" + point, path);
                    return act();
                });
                Seams.Current.Point("after:" + point, path);
                return result;
            }
            catch (Exception error)
            {
                int number = Failure.NumberOf(error);
                // 32 ERROR_SHARING_VIOLATION, 33 ERROR_LOCK_VIOLATION
                throw number == 32 || number == 33 ? Holding.By(path) : Failure.From(error, path);
            }
        }
    }
}
