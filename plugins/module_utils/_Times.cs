// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Globalization;

namespace ansible_collections.comindware.platform.plugins.module_utils._Times
{
    /// <summary>Moments as text: ISO 8601 in UTC with milliseconds.</summary>
    public static class Times
    {
        private const string Form = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

        public static string Text(DateTime utc)
        {
            return utc.ToString(Form, CultureInfo.InvariantCulture);
        }

        public static DateTime Parse(string text)
        {
            return DateTime.ParseExact(text, Form, CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
        }
    }
}
