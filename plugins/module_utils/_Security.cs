// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using Microsoft.Win32.SafeHandles;
using System;
using System.Runtime.InteropServices;
using System.Security.Principal;

namespace ansible_collections.comindware.platform.plugins.module_utils._Security
{
    /// <summary>Owners, access lists and privileges of Windows, as SDDL text.</summary>
    public static class Security
    {
        private const int FileObject = 1;
        private const int OwnerInformation = 1;
        private const int AccessInformation = 4;
        private const int ProtectedAccess = unchecked((int)0x80000000);
        private const int UnprotectedAccess = 0x20000000;

        /// <summary>An administrator whose token is elevated: without elevation the group is there to deny only.
        /// </summary>
        public static bool IsElevatedAdministrator()
        {
            using (WindowsIdentity identity = WindowsIdentity.GetCurrent())
                return identity.IsSystem
                    || new WindowsPrincipal(identity).IsInRole(WindowsBuiltInRole.Administrator);
        }

        /// <summary>Windows puts the group NETWORK into the token of such a logon.</summary>
        public static bool IsNetworkLogon()
        {
            using (WindowsIdentity identity = WindowsIdentity.GetCurrent())
                return identity.Groups != null
                    && identity.Groups.Contains(new SecurityIdentifier(WellKnownSidType.NetworkSid, null));
        }

        public static string Read(string path)
        {
            IntPtr owner, group, access, audit, descriptor, text;
            int error = GetNamedSecurityInfoW(path, FileObject, OwnerInformation | AccessInformation, out owner,
                out group, out access, out audit, out descriptor);
            if (error != 0)
                throw Failure.Win32(error, path);
            try
            {
                int length;
                if (!ConvertSecurityDescriptorToStringSecurityDescriptorW(descriptor, 1,
                    OwnerInformation | AccessInformation, out text, out length))
                    throw Failure.Win32(Marshal.GetLastWin32Error(), path);
                string sddl = Marshal.PtrToStringUni(text);
                LocalFree(text);
                return sddl;
            }
            finally
            {
                LocalFree(descriptor);
            }
        }

        public static void Write(string path, string sddl)
        {
            IntPtr descriptor = Parse(path, sddl);
            try
            {
                bool present, defaulted, ownerDefaulted;
                IntPtr owner, access;
                if (!GetSecurityDescriptorOwner(descriptor, out owner, out ownerDefaulted)
                    || !GetSecurityDescriptorDacl(descriptor, out present, out access, out defaulted))
                    throw Failure.Win32(Marshal.GetLastWin32Error(), path);
                bool isProtected = sddl.Contains("D:P");
                int information = (owner == IntPtr.Zero ? 0 : OwnerInformation)
                    | (present ? AccessInformation | (isProtected ? ProtectedAccess : UnprotectedAccess) : 0);
                int error = SetNamedSecurityInfoW(path, FileObject, information, owner, IntPtr.Zero, access,
                    IntPtr.Zero);
                if (error != 0)
                    throw Failure.Win32(error, path);
            }
            finally
            {
                LocalFree(descriptor);
            }
        }

        public static void CreateDirectory(string path, string sddl)
        {
            IntPtr descriptor = Parse(path, sddl);
            try
            {
                SecurityAttributes attributes = new SecurityAttributes();
                attributes.Length = Marshal.SizeOf(typeof(SecurityAttributes));
                attributes.Descriptor = descriptor;
                if (!CreateDirectoryW(path, ref attributes))
                    throw Failure.Win32(Marshal.GetLastWin32Error(), path);
            }
            finally
            {
                LocalFree(descriptor);
            }
        }

        private static IntPtr Parse(string path, string sddl)
        {
            IntPtr descriptor;
            int size;
            if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(sddl, 1, out descriptor, out size))
                throw Failure.Win32(Marshal.GetLastWin32Error(), path);
            return descriptor;
        }

        /// <summary>Switches on the privileges that the token holds; one that it does not hold is left out.</summary>
        public static void EnablePrivileges(params string[] names)
        {
            SafeAccessTokenHandle token;
            // TOKEN_ADJUST_PRIVILEGES and TOKEN_QUERY
            if (!OpenProcessToken(GetCurrentProcess(), 0x28, out token))
                return;
            using (token)
            {
                foreach (string name in names)
                {
                    TokenPrivileges privileges = new TokenPrivileges();
                    privileges.Count = 1;
                    privileges.Attributes = 2;
                    if (LookupPrivilegeValueW(null, name, out privileges.Id))
                        AdjustTokenPrivileges(token, false, ref privileges, 0, IntPtr.Zero, IntPtr.Zero);
                }
            }
        }

        [StructLayout(LayoutKind.Sequential)]
        private struct SecurityAttributes
        {
            public int Length;
            public IntPtr Descriptor;
            public int Inherit;
        }

        [StructLayout(LayoutKind.Sequential, Pack = 4)]
        private struct TokenPrivileges
        {
            public int Count;
            public long Id;
            public int Attributes;
        }

        [DllImport("advapi32.dll", CharSet = CharSet.Unicode)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern int GetNamedSecurityInfoW(string name, int type, int information, out IntPtr owner,
            out IntPtr group, out IntPtr access, out IntPtr audit, out IntPtr descriptor);

        [DllImport("advapi32.dll", CharSet = CharSet.Unicode)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern int SetNamedSecurityInfoW(string name, int type, int information, IntPtr owner,
            IntPtr group, IntPtr access, IntPtr audit);

        [DllImport("advapi32.dll", SetLastError = true, CharSet = CharSet.Unicode)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern bool ConvertSecurityDescriptorToStringSecurityDescriptorW(IntPtr descriptor,
            int revision, int information, out IntPtr text, out int length);

        [DllImport("advapi32.dll", SetLastError = true, CharSet = CharSet.Unicode)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern bool ConvertStringSecurityDescriptorToSecurityDescriptorW(string text, int revision,
            out IntPtr descriptor, out int size);

        [DllImport("advapi32.dll", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern bool GetSecurityDescriptorOwner(IntPtr descriptor, out IntPtr owner,
            out bool defaulted);

        [DllImport("advapi32.dll", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern bool GetSecurityDescriptorDacl(IntPtr descriptor, out bool present,
            out IntPtr access, out bool defaulted);

        [DllImport("kernel32.dll", SetLastError = true, CharSet = CharSet.Unicode)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern bool CreateDirectoryW(string path, ref SecurityAttributes attributes);

        [DllImport("advapi32.dll", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern bool OpenProcessToken(IntPtr process, int access, out SafeAccessTokenHandle token);

        [DllImport("advapi32.dll", SetLastError = true, CharSet = CharSet.Unicode)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern bool LookupPrivilegeValueW(string system, string name, out long id);

        [DllImport("advapi32.dll", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern bool AdjustTokenPrivileges(SafeAccessTokenHandle token, bool disableAll,
            ref TokenPrivileges wanted, int size, IntPtr previous, IntPtr previousSize);

        [DllImport("kernel32.dll")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern IntPtr GetCurrentProcess();

        [DllImport("kernel32.dll")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern IntPtr LocalFree(IntPtr memory);
    }
}
