// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Programs;
using ansible_collections.comindware.platform.plugins.module_utils._Retry;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml;

namespace ansible_collections.comindware.platform.plugins.module_utils._AppCmd
{
    //AssemblyReference -Name System.Xml.dll -CLR Framework

    /// <summary>appcmd.exe, judged by exit code and XML only: its texts are in the language of the host. The exit code
    /// is the Win32 code, or the whole HRESULT of another facility (seen on a live IIS).</summary>
    public static class AppCmd
    {
        public const int AlreadyRunning = 1056;
        public const int CannotAcceptControl = 1061;
        public const int NotStarted = 1062;
        public const int NotFound = 1168;
        // RPC_S_CALL_FAILED and RPC_E_CONNECTION_TERMINATED: calls directly after a change of a pool fail so, and work a
        // second later (seen on a live IIS). ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION: another
        // program commits to applicationHost.config, or looks at it.
        private static readonly int[] Passing = { 1726, unchecked((int)2147549190), 5, 32, 33 };
        private const double PassingSeconds = 10;
        private const int ReadSeconds = 120;

        public static string Program
        {
            get { return Programs.System32(@"inetsrv\appcmd.exe"); }
        }

        public static bool IsInstalled
        {
            get { return Disk.Find(Program) != null; }
        }

        /// <summary>A read; the elements of its answer.</summary>
        public static List<XmlElement> Read(params string[] arguments)
        {
            string[] all = arguments.Concat(new string[] { "/xml" }).ToArray();
            ProgramResult result = WhilePassing(() => Programs.Run(Program, ReadSeconds, all));
            List<XmlElement> elements = Elements(result);
            // An empty list may end with 1.
            if (result.ExitCode != 0 && !(result.ExitCode == 1 && elements != null && elements.Count == 0))
                throw result.Refused("IIS could not be read");
            if (elements == null)
                throw result.Failed("IIS answered something that is not XML");
            return elements;
        }

        /// <summary>The result of a call that is made again while IIS refuses it for a moment.</summary>
        private static ProgramResult WhilePassing(Func<ProgramResult> call)
        {
            ProgramResult result = null;
            Retry.Until(Seams.Current.Patience(PassingSeconds), delegate
            {
                result = call();
                return result == null || !Passing.Contains(result.Number);
            });
            return result;
        }

        private static List<XmlElement> Elements(ProgramResult result)
        {
            string text = result.Output.Trim();
            if (text.Length == 0)
                return new List<XmlElement>();
            try
            {
                XmlDocument document = new XmlDocument();
                document.XmlResolver = null;
                using (StringReader letters = new StringReader(text))
                using (XmlTextReader reader = new XmlTextReader(letters))
                {
                    reader.DtdProcessing = DtdProcessing.Prohibit;
                    reader.XmlResolver = null;
                    document.Load(reader);
                }
                return document.DocumentElement.ChildNodes.OfType<XmlElement>().ToList();
            }
            catch (XmlException)
            {
                return null;
            }
        }

        /// <summary>A change that may be made twice: nobody knows what one has done that IIS refused for a moment. Null if
        /// appcmd still waits for its end after the time: IIS goes on with it.</summary>
        public static ProgramResult Change(int seconds, params string[] arguments)
        {
            foreach (string argument in arguments)
            {
                if (argument.IndexOf('"') >= 0)
                    throw Failure.BadRequest("The name " + argument
                        + " holds a quotation mark, which appcmd cannot take.");
            }
            return WhilePassing(() => Programs.TryRun(Program, seconds, arguments));
        }
    }
}
