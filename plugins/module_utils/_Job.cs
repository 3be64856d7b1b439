// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using Microsoft.Win32.SafeHandles;
using System;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ansible_collections.comindware.platform.plugins.module_utils._Job
{
    /// <summary>A job object of Windows with one process and its descendants. What the process has started before it
    /// was put in is not among them: PowerShell, for which this is made, has not even loaded .NET by then.</summary>
    public sealed class Job : ProcessTree
    {
        private const int ExtendedLimitInformation = 9;
        private const int KillOnClose = 0x2000;
        private readonly JobHandle handle;

        public Job(Process process)
        {
            handle = CreateJobObjectW(IntPtr.Zero, null);
            try
            {
                Check(!handle.IsInvalid);
                Limit(KillOnClose);
                // 5 ERROR_ACCESS_DENIED is the answer for a process that has ended already.
                if (!AssignProcessToJobObject(handle, process.SafeHandle) && !process.HasExited)
                    Check(false);
            }
            catch (Exception)
            {
                Dispose();
                throw;
            }
        }

        public override void Kill()
        {
            Check(TerminateJobObject(handle, 1));
        }

        public override void Release()
        {
            Limit(0);
        }

        public override void Dispose()
        {
            handle.Dispose();
        }

        /// <summary>Sets LimitFlags of a JOBOBJECT_EXTENDED_LIMIT_INFORMATION, and everything else to zero.</summary>
        private void Limit(int flags)
        {
            byte[] information = new byte[IntPtr.Size == 8 ? 144 : 112];
            // Behind two times of eight bytes each.
            BitConverter.GetBytes(flags).CopyTo(information, 16);
            Check(SetInformationJobObject(handle, ExtendedLimitInformation, information, information.Length));
        }

        private static void Check(bool done)
        {
            if (!done)
                throw new Win32Exception(Marshal.GetLastWin32Error());
        }

        private sealed class JobHandle : SafeHandleZeroOrMinusOneIsInvalid
        {
            public JobHandle()
                : base(true)
            {
            }

            protected override bool ReleaseHandle()
            {
                return CloseHandle(handle);
            }
        }

        [DllImport("kernel32.dll", SetLastError = true, CharSet = CharSet.Unicode)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern JobHandle CreateJobObjectW(IntPtr security, string name);

        [DllImport("kernel32.dll", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern bool SetInformationJobObject(JobHandle job, int kind, byte[] information, int length);

        [DllImport("kernel32.dll", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern bool AssignProcessToJobObject(JobHandle job, SafeProcessHandle process);

        [DllImport("kernel32.dll", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern bool TerminateJobObject(JobHandle job, uint exitCode);

        [DllImport("kernel32.dll")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern bool CloseHandle(IntPtr handle);
    }
}
