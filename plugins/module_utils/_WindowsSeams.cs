// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._CommandLine;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Job;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Reparse;
using ansible_collections.comindware.platform.plugins.module_utils._RestartManager;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using ansible_collections.comindware.platform.plugins.module_utils._Security;
using Microsoft.Win32;
using Microsoft.Win32.SafeHandles;
using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;

namespace ansible_collections.comindware.platform.plugins.module_utils._WindowsSeams
{
    /// <summary>The seams on Windows itself.</summary>
    public class WindowsSeams : Seams
    {
        public WindowsSeams()
        {
            // Held by an administrator's token, but not switched on: links, owners of others, unreadable folders.
            Security.EnablePrivileges("SeCreateSymbolicLinkPrivilege", "SeRestorePrivilege", "SeBackupPrivilege",
                "SeTakeOwnershipPrivilege");
        }

        public override string RealPath(string path)
        {
            return path;
        }

        public override string RegistryKey(string key, int view)
        {
            return key;
        }

        public override void FlushKey(RegistryKey key)
        {
            int error = RegFlushKey(key.Handle);
            if (error != 0)
                throw new Win32Exception(error);
        }

        public override void Flush(FileStream file, string path)
        {
            file.Flush(true);
        }

        public override Link ReadLink(string path)
        {
            return Reparse.Read(Paths.Long(path));
        }

        public override void CreateLink(string path, Link link)
        {
            Reparse.Create(Paths.Long(path), link);
        }

        public override void RemoveLink(string path, Link link)
        {
            // RemoveDirectory and DeleteFile act on the link itself, also when it is broken.
            path = Paths.Long(path);
            if ((File.GetAttributes(path) & FileAttributes.Directory) != 0)
                Directory.Delete(path, false);
            else
                File.Delete(path);
        }

        public override bool IsAdministrator()
        {
            return Security.IsElevatedAdministrator();
        }

        public override bool IsNetworkLogon()
        {
            return Security.IsNetworkLogon();
        }

        public override string ReadSecurity(string path)
        {
            return Security.Read(Paths.Long(path));
        }

        public override void WriteSecurity(string path, string sddl)
        {
            Security.Write(Paths.Long(path), sddl);
        }

        public override void CreateSecuredDirectory(string path, string sddl)
        {
            Security.CreateDirectory(Paths.Long(path), sddl);
        }

        public override List<Holder> Holders(IEnumerable<string> files)
        {
            return RestartManager.Holders(files);
        }

        public override string ProgramOf(int pid)
        {
            using (Process process = Process.GetProcessById(pid))
                return process.ProcessName + ".exe";
        }

        public override DateTime? ProcessStart(int pid)
        {
            try
            {
                using (Process process = Process.GetProcessById(pid))
                    return process.StartTime.ToUniversalTime();
            }
            catch (ArgumentException)
            {
                return null;
            }
            catch (InvalidOperationException)
            {
                return null;
            }
            catch (Win32Exception)
            {
                return null;
            }
        }

        public override Space FreeSpace(string directory)
        {
            ulong free, total, all;
            StringBuilder volume = new StringBuilder(1024);
            string folder = Paths.Long(directory).TrimEnd('\\') + @"\";
            if (!GetDiskFreeSpaceExW(folder, out free, out total, out all)
                || !GetVolumePathNameW(folder, volume, volume.Capacity))
                throw Failure.Win32(Marshal.GetLastWin32Error(), directory);
            return new Space { Volume = volume.ToString(), FreeBytes = (long)free, TotalBytes = (long)total };
        }

        public override DateTime Now()
        {
            return DateTime.UtcNow;
        }

        public override long Uptime()
        {
            return (long)GetTickCount64();
        }

        /// <summary>A volatile key lies in memory only, and is not there after a start of Windows.</summary>
        public override void Mark(string name)
        {
            InSoftware(name, true, delegate(RegistryKey software)
            {
                software.CreateSubKey(name, RegistryKeyPermissionCheck.Default, RegistryOptions.Volatile).Dispose();
                return true;
            });
        }

        public override bool IsMarked(string name)
        {
            return InSoftware(name, false, delegate(RegistryKey software)
            {
                using (RegistryKey mark = software.OpenSubKey(name))
                    return mark != null;
            });
        }

        public override void Unmark(string name)
        {
            InSoftware(name, true, delegate(RegistryKey software)
            {
                software.DeleteSubKey(name, false);
                return true;
            });
        }

        private static bool InSoftware(string name, bool writable, Func<RegistryKey, bool> use)
        {
            try
            {
                using (RegistryKey machine = Microsoft.Win32.RegistryKey.OpenBaseKey(RegistryHive.LocalMachine,
                    RegistryView.Registry64))
                using (RegistryKey software = machine.OpenSubKey("SOFTWARE", writable))
                    return use(software);
            }
            catch (Exception error)
            {
                throw Failure.From(error, @"HKLM\SOFTWARE\" + name, "key");
            }
        }

        public override IDisposable TryLock(string path, string holder)
        {
            try
            {
                // Whoever wants the lock wants to write, which this sharing refuses; readers may look who has it.
                FileStream mine = new FileStream(Paths.Long(path), FileMode.OpenOrCreate, FileAccess.ReadWrite,
                    FileShare.Read, 4096, FileOptions.DeleteOnClose);
                byte[] text = Encoding.UTF8.GetBytes(holder);
                mine.SetLength(0);
                mine.Write(text, 0, text.Length);
                mine.Flush();
                return mine;
            }
            catch (Exception error)
            {
                // 32 ERROR_SHARING_VIOLATION: another process has it. 5 ERROR_ACCESS_DENIED: it is just going.
                int number = Failure.NumberOf(error);
                if (number == 32 || number == 5)
                    return null;
                throw;
            }
        }

        public override string QuoteArgument(string argument)
        {
            return CommandLine.Quote(argument);
        }

        public override void BeforeStart(ProcessStartInfo start)
        {
        }

        public override int ExitCode(Process process)
        {
            return process.ExitCode;
        }

        public override double Patience(double seconds)
        {
            return seconds;
        }

        public override bool WaitForEnd(Process process, int seconds)
        {
            return process.WaitForExit(seconds * 1000);
        }

        public override ProcessTree Hold(Process process)
        {
            return new Job(process);
        }

        public override void Point(string name, string path)
        {
        }

        [DllImport("kernel32.dll")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern ulong GetTickCount64();

        [DllImport("advapi32.dll")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern int RegFlushKey(SafeRegistryHandle key);

        [DllImport("kernel32.dll", SetLastError = true, CharSet = CharSet.Unicode)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern bool GetDiskFreeSpaceExW(string directory, out ulong freeToCaller, out ulong total,
            out ulong free);

        [DllImport("kernel32.dll", SetLastError = true, CharSet = CharSet.Unicode)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern bool GetVolumePathNameW(string file, StringBuilder volume, int length);
    }
}
