// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using Microsoft.Win32.SafeHandles;
using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;

namespace ansible_collections.comindware.platform.plugins.module_utils._Reparse
{
    /// <summary>Symbolic links and junctions of NTFS. The buffers are REPARSE_DATA_BUFFER as Microsoft documents it.
    /// </summary>
    public static class Reparse
    {
        private const uint SymlinkTag = 0xA000000C;
        private const uint MountPointTag = 0xA0000003;
        private const uint GetReparsePoint = 0x000900A8;
        private const uint SetReparsePoint = 0x000900A4;
        private const int MaximumBuffer = 16 * 1024;
        private const int NotAReparsePoint = 4390;
        private const string NtPrefix = @"\??\";

        public static Link Read(string path)
        {
            byte[] buffer = new byte[MaximumBuffer];
            using (SafeFileHandle handle = Open(path, 0))
            {
                int length;
                if (!DeviceIoControl(handle, GetReparsePoint, null, 0, buffer, buffer.Length, out length, IntPtr.Zero))
                {
                    int error = Marshal.GetLastWin32Error();
                    if (error == NotAReparsePoint)
                        return null;
                    throw Failure.Win32(error, path);
                }
            }
            uint tag = BitConverter.ToUInt32(buffer, 0);
            if (tag != SymlinkTag && tag != MountPointTag)
                // Bit 29 marks a tag that stands for another name; deduplicated or cloud files are no links.
                return (tag & 0x20000000) != 0 ? new Link { Kind = LinkKind.Other } : null;
            return Describe(path, buffer, tag);
        }

        private static Link Describe(string path, byte[] buffer, uint tag)
        {
            int names = tag == SymlinkTag ? 20 : 16;
            string target = Encoding.Unicode.GetString(buffer, names + BitConverter.ToUInt16(buffer, 8),
                BitConverter.ToUInt16(buffer, 10));
            bool relative = tag == SymlinkTag && (BitConverter.ToUInt32(buffer, 16) & 1) != 0;
            // A volume that is mounted in a folder is that folder, not a link to elsewhere.
            if (target.StartsWith(NtPrefix + "Volume{", StringComparison.OrdinalIgnoreCase))
                return null;
            if (target.StartsWith(NtPrefix + @"UNC\", StringComparison.OrdinalIgnoreCase))
                target = @"\\" + target.Substring(8);
            else if (target.StartsWith(NtPrefix, StringComparison.Ordinal))
                target = target.Substring(NtPrefix.Length);
            if (relative)
                target = target.StartsWith(@"\", StringComparison.Ordinal)
                    ? Paths.Combine(Paths.Root(Paths.Normalise(path)), target)
                    : Paths.Combine(Paths.Parent(Paths.Normalise(path)), target);
            return new Link { Kind = KindOf(path, tag), Target = Paths.Normalise(target) };
        }

        private static string KindOf(string path, uint tag)
        {
            if (tag == MountPointTag)
                return LinkKind.Junction;
            return (File.GetAttributes(path) & FileAttributes.Directory) != 0
                ? LinkKind.SymlinkDirectory : LinkKind.SymlinkFile;
        }

        public static void Create(string path, Link link)
        {
            if (link.Kind == LinkKind.Junction)
            {
                CreateJunction(path, link.Target);
                return;
            }
            // A return value of 1 byte: BOOLEAN, not BOOL.
            if (CreateSymbolicLinkW(path, link.Target, link.Kind == LinkKind.SymlinkDirectory ? 1 : 0) == 0)
                throw Failure.Win32(Marshal.GetLastWin32Error(), path);
        }

        private static void CreateJunction(string path, string target)
        {
            Directory.CreateDirectory(path);
            byte[] substitute = Encoding.Unicode.GetBytes(NtPrefix + target);
            byte[] print = Encoding.Unicode.GetBytes(target);
            byte[] bytes;
            using (MemoryStream buffer = new MemoryStream())
            using (BinaryWriter writer = new BinaryWriter(buffer))
            {
                writer.Write(MountPointTag);
                writer.Write((ushort)(8 + substitute.Length + 2 + print.Length + 2));
                writer.Write((ushort)0);
                writer.Write((ushort)0);
                writer.Write((ushort)substitute.Length);
                writer.Write((ushort)(substitute.Length + 2));
                writer.Write((ushort)print.Length);
                writer.Write(substitute);
                writer.Write((ushort)0);
                writer.Write(print);
                writer.Write((ushort)0);
                bytes = buffer.ToArray();
            }
            using (SafeFileHandle handle = Open(path, 0x40000000))
            {
                int length;
                if (!DeviceIoControl(handle, SetReparsePoint, bytes, bytes.Length, null, 0, out length, IntPtr.Zero))
                    throw Failure.Win32(Marshal.GetLastWin32Error(), path);
            }
        }

        private static SafeFileHandle Open(string path, uint access)
        {
            // FILE_FLAG_BACKUP_SEMANTICS opens folders, FILE_FLAG_OPEN_REPARSE_POINT the link and not its target.
            SafeFileHandle handle = CreateFileW(path, access, 7, IntPtr.Zero, 3, 0x02200000, IntPtr.Zero);
            if (handle.IsInvalid)
                throw Failure.Win32(Marshal.GetLastWin32Error(), path);
            return handle;
        }

        [DllImport("kernel32.dll", SetLastError = true, CharSet = CharSet.Unicode)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern byte CreateSymbolicLinkW(string link, string target, int flags);

        [DllImport("kernel32.dll", SetLastError = true, CharSet = CharSet.Unicode)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern SafeFileHandle CreateFileW(string name, uint access, uint share, IntPtr security,
            uint disposition, uint flags, IntPtr template);

        [DllImport("kernel32.dll", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern bool DeviceIoControl(SafeFileHandle device, uint code, byte[] input, int inputSize,
            byte[] output, int outputSize, out int returned, IntPtr overlapped);
    }
}
