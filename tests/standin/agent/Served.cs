// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text;

namespace Standin
{
    /// <summary>One call of the module after the other, for as long as standard input goes on: three lines of base64, which are the
    /// environment, the folder and the request; the answer is one such line. Each call finds what a process of its own would.</summary>
    public static class Served
    {
        private static readonly Encoding Utf8 = new UTF8Encoding(false);

        public static int By(Func<string, string> run)
        {
            StreamReader from = new StreamReader(Console.OpenStandardInput(), Encoding.ASCII);
            Stream to = Console.OpenStandardOutput();
            string environment;
            while ((environment = from.ReadLine()) != null)
            {
                SetEnvironment(Decoded(environment).Split('\0'));
                Directory.SetCurrentDirectory(Decoded(from.ReadLine()));
                ForgetRegistry();
                string answer = run(Decoded(from.ReadLine()));
                byte[] line = Encoding.ASCII.GetBytes(Convert.ToBase64String(Utf8.GetBytes(answer)) + "\n");
                to.Write(line, 0, line.Length);
                to.Flush();
            }
            return 0;
        }

        private static string Decoded(string base64)
        {
            return Utf8.GetString(Convert.FromBase64String(base64));
        }

        private static void SetEnvironment(string[] wanted)
        {
            string[] names = wanted.Select(entry => entry.Substring(0, entry.IndexOf('='))).ToArray();
            foreach (string name in Environment.GetEnvironmentVariables().Keys.Cast<string>().Except(names).ToList())
                Environment.SetEnvironmentVariable(name, null);
            for (int i = 0; i < wanted.Length; i++)
                Environment.SetEnvironmentVariable(names[i], wanted[i].Substring(names[i].Length + 1));
        }

        /// <summary>Mono reads a key of its registry once in the life of a process.</summary>
        private static void ForgetRegistry()
        {
            Type keys = typeof(object).Assembly.GetType("Microsoft.Win32.KeyHandler", true);
            foreach (string read in new string[] { "key_to_handler", "dir_to_handler" })
                ((IDictionary)keys.GetField(read, BindingFlags.Static | BindingFlags.NonPublic).GetValue(null)).Clear();
        }
    }
}
