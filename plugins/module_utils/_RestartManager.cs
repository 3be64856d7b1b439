// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;

namespace ansible_collections.comindware.platform.plugins.module_utils._RestartManager
{
    /// <summary>The Restart Manager of Windows: who has a file open.</summary>
    public static class RestartManager
    {
        private const int MoreData = 234;
        private const int FilesAtOnce = 500;

        public static List<Holder> Holders(IEnumerable<string> files)
        {
            List<Holder> found = new List<Holder>();
            List<string> batch = new List<string>();
            foreach (string file in files)
            {
                batch.Add(file);
                if (batch.Count == FilesAtOnce)
                {
                    found.AddRange(Ask(batch));
                    batch.Clear();
                }
            }
            if (batch.Count > 0)
                found.AddRange(Ask(batch));
            return found;
        }

        [SuppressMessage("Performance", "CA1806", Justification = "What was asked is answered before the session ends.")]
        private static List<Holder> Ask(List<string> files)
        {
            int session;
            // CCH_RM_SESSION_KEY is 32 characters and the closing zero.
            Check(RmStartSession(out session, 0, new StringBuilder(33)), files[0]);
            try
            {
                Check(RmRegisterResources(session, files.Count, files.ToArray(), 0, IntPtr.Zero, 0, null), files[0]);
                ProcessInfo[] processes = new ProcessInfo[0];
                int needed, count, reasons;
                int error;
                do
                {
                    count = processes.Length;
                    error = RmGetList(session, out needed, ref count, processes, out reasons);
                    if (error == MoreData)
                        processes = new ProcessInfo[needed + 4];
                }
                while (error == MoreData);
                Check(error, files[0]);
                return processes.Take(count).Select(process => new Holder
                {
                    Pid = process.Id,
                    Path = files.Count == 1 ? files[0] : null,
                }).ToList();
            }
            finally
            {
                RmEndSession(session);
            }
        }

        private static void Check(int error, string path)
        {
            if (error != 0)
                throw Failure.Win32(error, path);
        }

        [StructLayout(LayoutKind.Sequential, CharSet = CharSet.Unicode)]
        private struct ProcessInfo
        {
            public int Id;
            public int StartLow;
            public int StartHigh;
            [MarshalAs(UnmanagedType.ByValTStr, SizeConst = 256)]
            public string Name;
            [MarshalAs(UnmanagedType.ByValTStr, SizeConst = 64)]
            public string Service;
            public int Type;
            public int Status;
            public int Session;
            [MarshalAs(UnmanagedType.Bool)]
            public bool Restartable;
        }

        [DllImport("rstrtmgr.dll", CharSet = CharSet.Unicode)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern int RmStartSession(out int session, int flags, StringBuilder key);

        [DllImport("rstrtmgr.dll", CharSet = CharSet.Unicode)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern int RmRegisterResources(int session, int count, string[] files, int applications,
            IntPtr noApplications, int services, string[] noServices);

        [DllImport("rstrtmgr.dll")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern int RmGetList(int session, out int needed, ref int count,
            [In, Out] ProcessInfo[] processes, out int reasons);

        [DllImport("rstrtmgr.dll")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern int RmEndSession(int session);
    }
}
