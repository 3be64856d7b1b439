// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using Microsoft.Win32;
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;

namespace ansible_collections.comindware.platform.plugins.module_utils._Seams
{
    public static class LinkKind
    {
        public const string SymlinkFile = "symlink_file";
        public const string SymlinkDirectory = "symlink_directory";
        public const string Junction = "junction";
        public const string Other = "other_link";
    }

    /// <summary>A link as it lies on the disk; `Target` is absolute, or null for `other_link`.</summary>
    public class Link
    {
        public string Kind;
        public string Target;
    }

    /// <summary>A process that has a file open.</summary>
    public class Holder
    {
        public int Pid;
        public string Name;
        public string Path;
    }

    public class Space
    {
        public string Volume;
        public long FreeBytes;
        public long TotalBytes;
    }

    /// <summary>A process and all that it has started. What is left of it is killed by Dispose, and by the end of this
    /// process, however it comes.</summary>
    public abstract class ProcessTree : IDisposable
    {
        /// <summary>Kills all of it now.</summary>
        public abstract void Kill();

        /// <summary>Lets what is left live on.</summary>
        public abstract void Release();

        public abstract void Dispose();
    }

    /// <summary>Everything that only Windows can do, and a test host must do in its own way. All paths are Windows
    /// paths. Errors are IOException with the HResult of the Win32 error.</summary>
    public abstract class Seams
    {
        /// <summary>Set before anything else runs.</summary>
        public static Seams Current;

        /// <summary>The path that System.IO takes for a Windows path.</summary>
        public abstract string RealPath(string path);

        /// <summary>The key to open below a hive for a key and a view of 64 or 32 bits.</summary>
        public abstract string RegistryKey(string key, int view);

        /// <summary>Waits until the hive of the key is on the disk. RegistryKey.Flush does so only after a value was set
        /// through the same object: not after a deletion, and not for what another program has changed.</summary>
        public abstract void FlushKey(RegistryKey key);

        /// <summary>Waits until all of a file is on the disk; fails if it does not get there. Mono swallows that failure.
        /// </summary>
        public abstract void Flush(FileStream file, string path);

        /// <summary>Whether a path with these attributes may be a link.</summary>
        public virtual bool IsLink(string path, FileAttributes attributes)
        {
            return (attributes & FileAttributes.ReparsePoint) != 0;
        }

        /// <summary>The link at a path, or null if no link is there.</summary>
        public abstract Link ReadLink(string path);

        public abstract void CreateLink(string path, Link link);

        /// <summary>Removes the link and leaves its target alone.</summary>
        public abstract void RemoveLink(string path, Link link);

        public abstract bool IsAdministrator();

        /// <summary>Has this process a logon from the network, which has no credentials for further servers unless
        /// they were delegated to it?</summary>
        public abstract bool IsNetworkLogon();

        /// <summary>Owner and access list as SDDL.</summary>
        public abstract string ReadSecurity(string path);

        public abstract void WriteSecurity(string path, string sddl);

        /// <summary>Creates a folder that has this owner and access list from its first moment on.</summary>
        public abstract void CreateSecuredDirectory(string path, string sddl);

        /// <summary>The processes that hold any of the files, without the names of their programs.</summary>
        public abstract List<Holder> Holders(IEnumerable<string> files);

        /// <summary>The program of a process, such as w3wp.exe. For one that is gone the ArgumentException or
        /// InvalidOperationException of System.Diagnostics.</summary>
        public abstract string ProgramOf(int pid);

        /// <summary>When a process was started, in UTC; null if it is gone or does not let itself be looked at.</summary>
        public abstract DateTime? ProcessStart(int pid);

        /// <summary>Of the volume with this folder; fails for a file.</summary>
        public abstract Space FreeSpace(string directory);

        /// <summary>The present moment in UTC.</summary>
        public abstract DateTime Now();

        /// <summary>Milliseconds since the host was started. Nobody can set this clock.</summary>
        public abstract long Uptime();

        /// <summary>Remembers a name until the host goes down, in whatever way it goes down.</summary>
        public abstract void Mark(string name);

        public abstract bool IsMarked(string name);

        public abstract void Unmark(string name);

        /// <summary>A lock between processes that dies with its process; null if another one has it. `holder` can be
        /// read from the file by those who do not get it. With the lock the file goes.</summary>
        public abstract IDisposable TryLock(string path, string holder);

        /// <summary>One argument of a program as it must stand in a command line.</summary>
        public abstract string QuoteArgument(string argument);

        /// <summary>The last word on how a program is started, and the exit code that it ended with.</summary>
        public abstract void BeforeStart(ProcessStartInfo start);

        public abstract int ExitCode(Process process);

        /// <summary>For how many seconds a refusal is borne that is to be borne for so many.</summary>
        public abstract double Patience(double seconds);

        /// <summary>Waits for the end of a program; false if it did not come within so many seconds.</summary>
        public abstract bool WaitForEnd(Process process, int seconds);

        /// <summary>Holds a process that has just been started together with all that it will start.</summary>
        public abstract ProcessTree Hold(Process process);

        /// <summary>A place at which a test can let something go wrong; does nothing on Windows.</summary>
        public abstract void Point(string name, string path);
    }
}
