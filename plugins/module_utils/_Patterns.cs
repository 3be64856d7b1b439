// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using System;
using System.Text.RegularExpressions;

namespace ansible_collections.comindware.platform.plugins.module_utils._Patterns
{
    /// <summary>Regular expressions that come with a request.</summary>
    public static class Patterns
    {
        /// <summary>With a limit against one that never ends.</summary>
        public static Regex Compile(string pattern)
        {
            try
            {
                return new Regex(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10));
            }
            catch (ArgumentException error)
            {
                throw Failure.BadRequest("The pattern '" + pattern + "' is not a regular expression: " + error.Message);
            }
        }
    }
}
