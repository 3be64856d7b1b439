// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;

namespace Standin
{
    /// <summary>The calls of Linux that Mono does not wrap.</summary>
    public static class Native
    {
        private const int LockExclusive = 2;
        private const int LockWithoutWaiting = 4;
        private const int ReadWriteCreate = 0x42;
        private const int CloseOnExec = 0x80000;
        private const int KillSignal = 9;
        private const int NotALink = 22;
        private const int NoSpaceLeft = 28;
        private const int DiskFull = 112;
        private const int DeviceError = 1117;
        private const int OpenAt2 = 437;
        private const int PathOnly = 0x200000 | 0x20000 | CloseOnExec;
        private const int NoLinks = 4;
        private const int WorkingFolder = -100;
        private const int StampFields = 0x40 | 0x100;
        private static readonly ulong[] Plain = { PathOnly, 0, NoLinks };
        private static readonly Dictionary<string, int> Folders = new Dictionary<string, int>();

        [ThreadStatic]
        private static byte[] linkText;

        /// <summary>Waits until the file is on the disk; fails if it does not get there.</summary>
        public static void Flush(FileStream file, string path)
        {
            if (fsync((int)file.SafeFileHandle.DangerousGetHandle()) != 0)
                throw Failure.Win32(Marshal.GetLastWin32Error() == NoSpaceLeft ? DiskFull : DeviceError, path);
        }

        /// <summary>The text of a symbolic link, or null if none is there.</summary>
        public static string ReadLink(string path)
        {
            string link;
            Look(path, out link);
            return link;
        }

        /// <summary>Is there anything of this name? And its text if it is a link, else null. One call of the kernel:
        /// every path of every test comes through here.</summary>
        public static bool Look(string path, out string link)
        {
            byte[] buffer = linkText ?? (linkText = new byte[4096]);
            long length = (long)readlink(Bytes(path), buffer, (IntPtr)buffer.Length);
            link = length < 0 ? null : Encoding.UTF8.GetString(buffer, 0, (int)length);
            return length >= 0 || Marshal.GetLastWin32Error() == NotALink;
        }

        /// <summary>Is there anything of this name below a folder, with no link on the way? The last name may be one, unless a slash follows
        /// it. One call of the kernel for the whole path; false where the kernel has none such (before Linux 5.6).</summary>
        public static bool IsPlain(string folder, string path)
        {
            int descriptor = (int)syscall(OpenAt2, Folder(folder), Bytes(path), Plain, (IntPtr)(Plain.Length * sizeof(ulong)));
            if (descriptor < 0)
                return false;
            close(descriptor);
            return true;
        }

        /// <summary>A host that was put back has others.</summary>
        public static void ForgetFolders()
        {
            lock (Folders)
            {
                foreach (int descriptor in Folders.Values)
                    close(descriptor);
                Folders.Clear();
            }
        }

        /// <summary>A descriptor of a folder that stays for as long as the process, or until it is forgotten.</summary>
        private static int Folder(string path)
        {
            lock (Folders)
            {
                int descriptor;
                if (!Folders.TryGetValue(path, out descriptor) || descriptor < 0)
                    Folders[path] = descriptor = open(Bytes(path), PathOnly, 0);
                return descriptor;
            }
        }

        /// <summary>Is there anything of this name, a broken link included?</summary>
        public static bool Exists(string path)
        {
            string link;
            return Look(path, out link);
        }

        /// <summary>Tells a file from the one that was there before, of the same name.</summary>
        public static FileStamp Stamp(string path)
        {
            byte[] answer = new byte[256];
            if (statx(WorkingFolder, Bytes(path), 0, StampFields, answer) != 0)
                return new FileStamp(0, 0, 0);
            // Of struct statx: the inode, and the seconds and nanoseconds of the last change.
            return new FileStamp(BitConverter.ToInt64(answer, 0x20), BitConverter.ToInt64(answer, 0x70),
                BitConverter.ToInt32(answer, 0x78));
        }

        public static void CreateLink(string target, string path)
        {
            Check(symlink(Bytes(target), Bytes(path)), path);
        }

        public static void Unlink(string path)
        {
            Check(unlink(Bytes(path)), path);
        }

        /// <summary>False if another process was faster.</summary>
        public static bool CreateDirectory(string path)
        {
            return mkdir(Bytes(path), 511) == 0;
        }

        /// <summary>False if it is gone already.</summary>
        public static bool Kill(int process)
        {
            return kill(process, KillSignal) == 0;
        }

        /// <summary>A descriptor that holds the lock, or -1 if another process has it, or has removed the file
        /// between the opening and the lock.</summary>
        public static int Lock(string path)
        {
            int descriptor = open(Bytes(path), ReadWriteCreate | CloseOnExec, 420);
            Check(descriptor, path);
            if (flock(descriptor, LockExclusive | LockWithoutWaiting) == 0
                && !ReadLink("/proc/self/fd/" + descriptor).EndsWith(" (deleted)", StringComparison.Ordinal))
                return descriptor;
            close(descriptor);
            return -1;
        }

        public static void Close(int descriptor)
        {
            close(descriptor);
        }

        private static byte[] Bytes(string text)
        {
            return Encoding.UTF8.GetBytes(text + "\0");
        }

        private static void Check(int result, string path)
        {
            if (result < 0)
                throw new IOException("errno " + Marshal.GetLastWin32Error() + ": " + path);
        }

        [DllImport("libc", SetLastError = true)]
        private static extern int fsync(int descriptor);

        [DllImport("libc", SetLastError = true)]
        private static extern IntPtr syscall(int number, int folder, byte[] path, ulong[] how, IntPtr size);

        [DllImport("libc", SetLastError = true)]
        private static extern IntPtr readlink(byte[] path, byte[] buffer, IntPtr size);

        [DllImport("libc", SetLastError = true)]
        private static extern int statx(int folder, byte[] path, int flags, int fields, byte[] answer);

        [DllImport("libc", SetLastError = true)]
        private static extern int symlink(byte[] target, byte[] path);

        [DllImport("libc", SetLastError = true)]
        private static extern int unlink(byte[] path);

        [DllImport("libc", SetLastError = true)]
        private static extern int mkdir(byte[] path, int mode);

        [DllImport("libc", SetLastError = true)]
        private static extern int open(byte[] path, int flags, int mode);

        [DllImport("libc", SetLastError = true)]
        private static extern int flock(int descriptor, int operation);

        [DllImport("libc", SetLastError = true)]
        private static extern int kill(int process, int signal);

        [DllImport("libc", SetLastError = true)]
        private static extern int close(int descriptor);
    }

    /// <summary>Which file it is, and when it changed; all zero where there is none.</summary>
    public sealed class FileStamp
    {
        private readonly long inode;
        private readonly long seconds;
        private readonly int nanoseconds;

        public FileStamp(long inode, long seconds, int nanoseconds)
        {
            this.inode = inode;
            this.seconds = seconds;
            this.nanoseconds = nanoseconds;
        }

        public bool IsThatOf(FileStamp other)
        {
            return inode == other.inode && seconds == other.seconds && nanoseconds == other.nanoseconds;
        }
    }

    /// <summary>A lock between processes that the kernel drops with its process.</summary>
    public sealed class ProcessLock : IDisposable
    {
        private readonly int descriptor;
        private readonly string remove;

        private ProcessLock(int descriptor, string remove)
        {
            this.descriptor = descriptor;
            this.remove = remove;
        }

        public static ProcessLock Try(string path)
        {
            int descriptor = Native.Lock(path);
            return descriptor < 0 ? null : new ProcessLock(descriptor, null);
        }

        /// <summary>As above; the file goes with the lock.</summary>
        public static ProcessLock TryForATime(string path)
        {
            int descriptor = Native.Lock(path);
            return descriptor < 0 ? null : new ProcessLock(descriptor, path);
        }

        public void Dispose()
        {
            if (remove != null)
                Native.Unlink(remove);
            Native.Close(descriptor);
        }
    }
}
