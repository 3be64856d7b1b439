// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Agent;
using System;
using System.IO;
using System.Text;

namespace Witness
{
    /// <summary>Plays the module for tests that do not want PowerShell: the base64 request on standard input, the answer on standard
    /// output.</summary>
    public static class ModuleProgram
    {
        public static int Main()
        {
            string request = new StreamReader(Console.OpenStandardInput(), Encoding.ASCII).ReadToEnd();
            byte[] answer = new UTF8Encoding(false).GetBytes(Agent.Run(request.Trim()));
            using (Stream to = Console.OpenStandardOutput())
                to.Write(answer, 0, answer.Length);
            return 0;
        }
    }
}
