// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._FileWindow;
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace ansible_collections.comindware.platform.plugins.module_utils._ZipDirectory
{
    /// <summary>An entry as the directory at the end of the archive describes it.</summary>
    public class ZipEntry
    {
        public string Name;
        public byte[] RawName;
        public bool Encrypted;
        public int Method;
        public uint Crc;
        public long Packed;
        public long Size;
        public long Offset;

        public bool IsFolder
        {
            get { return Name.EndsWith("/", StringComparison.Ordinal); }
        }
    }

    /// <summary>The directory of a ZIP archive (APPNOTE.TXT 4.3.12-4.3.16 and 4.5.3), ZIP64 included, read entry by
    /// entry: it may have millions. What is wrong with it is a Failure with the code `damaged` or `unproved`.</summary>
    public sealed class ZipDirectory : IDisposable
    {
        public const int LocalSignature = 0x04034B50;
        private const int CentralSignature = 0x02014B50;
        private const int EndSignature = 0x06054B50;
        private const int End64Signature = 0x06064B50;
        private const int Locator64Signature = 0x07064B50;
        private const int EndLength = 22;
        private const int Locator64Length = 20;
        private const int End64Length = 56;
        private const int CentralLength = 46;
        private const int LongestComment = 0xFFFF;
        private const int ExtraOfZip64 = 1;
        private const uint In64 = 0xFFFFFFFF;
        private const int Encryption = 1;
        private const int Utf8Names = 1 << 11;
        private const int Piece = 256 * 1024;
        private readonly FileWindow file;

        public ZipDirectory(string path, long length)
        {
            file = new FileWindow(path, length, Piece);
            FindEnd();
        }

        public void Dispose()
        {
            file.Dispose();
        }

        public long Start { get; private set; }

        private long end;
        private long count;

        /// <summary>All entries. Fails at the first one that cannot be read, and at a number of them that is wrong.
        /// </summary>
        public IEnumerable<ZipEntry> Entries()
        {
            long seen = 0;
            for (long at = Start; at < end; at = file.Position, seen++)
            {
                file.Position = at;
                yield return Next();
            }
            if (seen != count)
                throw Damaged("its directory has " + seen + " entries, and should have " + count);
        }

        private ZipEntry Next()
        {
            byte[] head = Taken(CentralLength);
            if (Signature(head, 0) != CentralSignature)
                throw Damaged("its directory is not readable at byte " + (file.Position - CentralLength));
            int flags = BitConverter.ToUInt16(head, 8);
            ZipEntry entry = new ZipEntry
            {
                Encrypted = (flags & Encryption) != 0,
                Method = BitConverter.ToUInt16(head, 10),
                Crc = BitConverter.ToUInt32(head, 16),
                Packed = BitConverter.ToUInt32(head, 20),
                Size = BitConverter.ToUInt32(head, 24),
                Offset = BitConverter.ToUInt32(head, 42),
                RawName = Taken(BitConverter.ToUInt16(head, 28)),
            };
            // A name without the flag is in the code page of whoever packed it: Latin-1 keeps its bytes apart at least.
            Encoding encoding = (flags & Utf8Names) != 0 ? new UTF8Encoding(false) : Encoding.GetEncoding(28591);
            // .NET Framework before 4.6.1 wrote backslashes.
            entry.Name = encoding.GetString(entry.RawName).Replace('\\', '/');
            AddLongFields(entry, Taken(BitConverter.ToUInt16(head, 30)));
            file.Position += BitConverter.ToUInt16(head, 32);
            return entry;
        }

        /// <summary>Takes the 64-bit fields from the extra field, each only where the short one says so.</summary>
        private static void AddLongFields(ZipEntry entry, byte[] extra)
        {
            for (int at = 0; at + 4 <= extra.Length; at += 4 + BitConverter.ToUInt16(extra, at + 2))
            {
                if (BitConverter.ToUInt16(extra, at) != ExtraOfZip64)
                    continue;
                int length = Math.Min(BitConverter.ToUInt16(extra, at + 2), extra.Length - at - 4);
                Queue<long> values = new Queue<long>(Enumerable.Range(0, length / 8)
                    .Select(index => BitConverter.ToInt64(extra, at + 4 + 8 * index)));
                entry.Size = Longer(entry.Size, values);
                entry.Packed = Longer(entry.Packed, values);
                entry.Offset = Longer(entry.Offset, values);
                return;
            }
        }

        private static long Longer(long value, Queue<long> values)
        {
            return value == In64 && values.Count > 0 ? values.Dequeue() : value;
        }

        private void FindEnd()
        {
            if (file.Length == 0)
                throw Damaged("it has no bytes");
            long from = Math.Max(0, file.Length - EndLength - LongestComment - Locator64Length);
            file.Position = from;
            byte[] tail = file.Take((int)(file.Length - from));
            int at = tail.Length - EndLength;
            while (at >= 0 && !IsEnd(tail, at))
                at--;
            if (at < 0)
                throw Damaged("it has no end record: it is cut off, or no ZIP archive");
            count = BitConverter.ToUInt16(tail, at + 10);
            long size = BitConverter.ToUInt32(tail, at + 12);
            Start = BitConverter.ToUInt32(tail, at + 16);
            int disk = BitConverter.ToUInt16(tail, at + 4);
            long before = from + at;
            if (at >= Locator64Length && Signature(tail, at - Locator64Length) == Locator64Signature)
            {
                before = BitConverter.ToInt64(tail, at - Locator64Length + 8);
                size = ReadEnd64(before, out disk);
            }
            if (disk != 0)
                throw new Failure("unproved", "it is one of several volumes of an archive");
            end = Start + size;
            if (Start < 0 || size < 0 || end > before)
                throw Damaged("its directory is not where its end record says: it is cut off");
            file.End = end;
        }

        /// <summary>The end record is the one whose comment ends where the file ends.</summary>
        private static bool IsEnd(byte[] tail, int at)
        {
            return Signature(tail, at) == EndSignature
                && at + EndLength + BitConverter.ToUInt16(tail, at + 20) == tail.Length;
        }

        private long ReadEnd64(long at, out int disk)
        {
            file.Position = Math.Max(0, at);
            byte[] record = Taken(End64Length);
            if (at < 0 || Signature(record, 0) != End64Signature)
                throw Damaged("its ZIP64 end record is not where its locator says: it is cut off");
            disk = BitConverter.ToInt32(record, 16);
            count = BitConverter.ToInt64(record, 32);
            Start = BitConverter.ToInt64(record, 48);
            return BitConverter.ToInt64(record, 40);
        }

        private byte[] Taken(int length)
        {
            byte[] bytes = file.Take(length);
            if (bytes.Length < length)
                throw Damaged("its directory ends too early: it is cut off");
            return bytes;
        }

        public static int Signature(byte[] bytes, int at)
        {
            return BitConverter.ToInt32(bytes, at);
        }

        public static Failure Damaged(string reason)
        {
            return new Failure("damaged", reason);
        }
    }
}
