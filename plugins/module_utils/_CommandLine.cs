// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System.Text;

namespace ansible_collections.comindware.platform.plugins.module_utils._CommandLine
{
    /// <summary>Command lines as Windows programs split them.</summary>
    public static class CommandLine
    {
        /// <summary>An argument by the rules of CommandLineToArgvW: backslashes count only before a quote.</summary>
        public static string Quote(string argument)
        {
            StringBuilder to = new StringBuilder("\"");
            int backslashes = 0;
            foreach (char c in argument)
            {
                if (c == '"')
                    to.Append('\\', backslashes + 1);
                backslashes = c == '\\' ? backslashes + 1 : 0;
                to.Append(c);
            }
            return to.Append('\\', backslashes).Append('"').ToString();
        }
    }
}
