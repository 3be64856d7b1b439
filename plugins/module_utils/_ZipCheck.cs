// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Crc32;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._FileWindow;
using ansible_collections.comindware.platform.plugins.module_utils._ZipDirectory;
using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.IO.Compression;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._ZipCheck
{
    /// <summary>Reads an archive from end to end: every entry is unpacked, and its length and CRC-32 compared with
    /// the directory. What is wrong is a Failure with the code `damaged`; what could not be found out, `unproved`.
    /// </summary>
    public sealed class ZipCheck : IDisposable
    {
        private const int Piece = 4 * 1024 * 1024;
        private const int BufferSize = 256 * 1024;
        private const int LocalLength = 30;
        private const int Stored = 0;
        private const int Deflated = 8;
        private readonly FileWindow file;
        private readonly ZipDirectory directory;
        private readonly Stopwatch watch = Stopwatch.StartNew();
        private readonly long seconds;
        private readonly byte[] buffer = new byte[BufferSize];

        public ZipCheck(string path, long length, long seconds)
        {
            this.seconds = seconds;
            file = new FileWindow(path, length, Piece);
            directory = new ZipDirectory(path, length);
        }

        public void Dispose()
        {
            file.Dispose();
            directory.Dispose();
        }

        /// <summary>Files, not folders, that were proved so far.</summary>
        public long Files { get; private set; }

        /// <summary>Their unpacked bytes.</summary>
        public long Bytes { get; private set; }

        /// <summary>Checks everything; `seen` gets the name of each file that is proved.</summary>
        public void Run(Action<string> seen)
        {
            foreach (ZipEntry entry in directory.Entries())
            {
                Check(entry);
                if (entry.IsFolder)
                    continue;
                Files++;
                Bytes += entry.Size;
                seen(entry.Name);
            }
        }

        private void Check(ZipEntry entry)
        {
            if (entry.Encrypted)
                throw Unproved(entry, "is encrypted");
            if (entry.Method != Stored && entry.Method != Deflated)
                throw Unproved(entry, "is packed with method " + entry.Method + ", which this host cannot unpack");
            file.Position = StartOf(entry);
            file.End = file.Position + entry.Packed;
            if (entry.Packed < 0 || file.End > directory.Start)
                throw Damaged(entry, "reaches into the directory");
            Crc32 crc = new Crc32();
            long length = entry.Method == Stored ? Read(entry, file, crc) : Unpack(entry, crc);
            if (length != entry.Size)
                throw Damaged(entry, (length > entry.Size ? "has more than the " : "has " + length + " of the ")
                    + entry.Size + " bytes that the directory says");
            if (crc.Value != entry.Crc)
                throw Damaged(entry, "has the CRC-32 " + Hex(crc.Value) + ", the directory says " + Hex(entry.Crc));
        }

        /// <summary>Where the packed bytes begin: the entry's own head repeats what the directory says.</summary>
        private long StartOf(ZipEntry entry)
        {
            file.End = directory.Start;
            file.Position = Math.Max(0, entry.Offset);
            byte[] head = file.Take(LocalLength);
            if (head.Length < LocalLength || ZipDirectory.Signature(head, 0) != ZipDirectory.LocalSignature)
                throw Damaged(entry, "is not where the directory says");
            byte[] name = file.Take(BitConverter.ToUInt16(head, 26));
            if (BitConverter.ToUInt16(head, 8) != entry.Method || !name.SequenceEqual(entry.RawName))
                throw Damaged(entry, "is not what the directory says: its own head differs");
            return file.Position + BitConverter.ToUInt16(head, 28);
        }

        private long Unpack(ZipEntry entry, Crc32 crc)
        {
            long length;
            try
            {
                using (DeflateStream unpacked = new DeflateStream(file, CompressionMode.Decompress, true))
                    length = Read(entry, unpacked, crc);
            }
            // .NET throws InvalidDataException, Mono IOException.
            catch (SystemException)
            {
                throw file.Broken ?? Damaged(entry, "cannot be unpacked");
            }
            if (file.Broken != null)
                throw file.Broken;
            return length;
        }

        /// <summary>At most one buffer more than the directory says, whatever the packed bytes hold.</summary>
        private long Read(ZipEntry entry, Stream from, Crc32 crc)
        {
            long length = 0;
            for (int got = 1; got > 0 && length <= entry.Size; length += got)
            {
                if (watch.Elapsed.TotalSeconds >= seconds)
                    throw new Failure("unproved", "it could not be read to its end within " + seconds + " seconds");
                got = from.Read(buffer, 0, BufferSize);
                crc.Add(buffer, got);
            }
            return length;
        }

        private static Failure Damaged(ZipEntry entry, string reason)
        {
            return ZipDirectory.Damaged("the entry '" + entry.Name + "' " + reason);
        }

        private static Failure Unproved(ZipEntry entry, string reason)
        {
            return new Failure("unproved", "the entry '" + entry.Name + "' " + reason);
        }

        private static string Hex(uint value)
        {
            return value.ToString("x8", CultureInfo.InvariantCulture);
        }
    }
}
