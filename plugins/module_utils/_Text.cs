// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using Microsoft.Win32;
using System;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;

namespace ansible_collections.comindware.platform.plugins.module_utils._Text
{
    /// <summary>Bytes to text and back without losing one.</summary>
    public static class Text
    {
        public const string Binary = "binary";
        private const int Latin1 = 28591;
        private const string CodePages = @"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Nls\CodePage";

        /// <summary>UTF-8 without a byte order mark that refuses wrong bytes.</summary>
        public static readonly Encoding Utf8 = new UTF8Encoding(false, true);

#if CORECLR
        static Text()
        {
            // Without it, .NET has no code page of Windows.
            Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        }

#endif
        // The declaration is ASCII in every encoding that has no byte order mark.
        private static readonly Regex Declaration = new Regex(
            "^<\\?xml\\s[^>]*?\\bencoding\\s*=\\s*[\"'](?<name>[A-Za-z][A-Za-z0-9._-]*)[\"']",
            RegexOptions.CultureInvariant);
        private const int LongestDeclaration = 256;

        /// <summary>The encoding's name: byte order mark first, then what an XML declaration names, then strict UTF-8,
        /// then the ANSI code page; `binary` if decoding and encoding would not give back the same bytes.</summary>
        public static string Detect(byte[] bytes)
        {
            string name = Guess(bytes);
            if (name == Binary)
                return name;
            try
            {
                byte[] back = Encode(Decode(bytes, name), name);
                return back.SequenceEqual(bytes) ? name : Binary;
            }
            catch (ArgumentException)
            {
                return Binary;
            }
        }

        private static string Guess(byte[] bytes)
        {
            if (bytes.Length >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF)
                return "utf-8-bom";
            if (bytes.Length >= 2 && bytes[0] == 0xFF && bytes[1] == 0xFE)
                return "utf-16-le";
            if (bytes.Length >= 2 && bytes[0] == 0xFE && bytes[1] == 0xFF)
                return "utf-16-be";
            if (bytes.Contains((byte)0))
                return Binary;
            string declared = Declared(bytes);
            if (declared != null)
                return OfName(declared) == null ? Binary : declared;
            return IsUtf8(bytes) ? "utf-8" : Ansi() == null ? Binary : "ansi";
        }

        /// <summary>The encoding that the XML declaration names, in small letters; null where it names none, or one of those that
        /// the bytes themselves tell.</summary>
        public static string Declared(byte[] bytes)
        {
            string head = Encoding.ASCII.GetString(bytes, 0, Math.Min(LongestDeclaration, bytes.Length));
            string name = Declaration.Match(head).Groups["name"].Value.ToLowerInvariant();
            return name.Length == 0 || name.StartsWith("utf-", StringComparison.Ordinal) ? null : name;
        }

        private static bool IsUtf8(byte[] bytes)
        {
            try
            {
                Utf8.GetCharCount(bytes);
                return true;
            }
            catch (ArgumentException)
            {
                return false;
            }
        }

        public static string Decode(byte[] bytes, string name)
        {
            int mark = Mark(name).Length;
            return Named(name).GetString(bytes, mark, bytes.Length - mark);
        }

        public static byte[] Encode(string text, string name)
        {
            try
            {
                return Mark(name).Concat(Named(name).GetBytes(text)).ToArray();
            }
            catch (EncoderFallbackException error)
            {
                throw new Failure("verification_failed", "The text has characters that the encoding '" + name
                    + "' cannot hold, such as U+" + ((int)error.CharUnknown).ToString("X4", CultureInfo.InvariantCulture)
                    + ". Write the file in UTF-8.");
            }
        }

        /// <summary>What a program wrote to its console, for somebody to read: strict UTF-8, else the OEM code page, else
        /// at least the letters of ASCII.</summary>
        public static string DecodeConsole(byte[] bytes)
        {
            if (IsUtf8(bytes))
                return Utf8.GetString(bytes);
            Encoding console = OfNumber(CodePage("OEMCP", 437), EncoderFallback.ReplacementFallback,
                DecoderFallback.ReplacementFallback);
            return (console ?? Encoding.GetEncoding(Latin1)).GetString(bytes);
        }

        private static byte[] Mark(string name)
        {
            switch (name)
            {
                case "utf-8-bom": return new byte[] { 0xEF, 0xBB, 0xBF };
                case "utf-16-le": return new byte[] { 0xFF, 0xFE };
                case "utf-16-be": return new byte[] { 0xFE, 0xFF };
                default: return new byte[0];
            }
        }

        private static Encoding Named(string name)
        {
            switch (name)
            {
                case "utf-8":
                case "utf-8-bom": return Utf8;
                case "utf-16-le": return new UnicodeEncoding(false, false, true);
                case "utf-16-be": return new UnicodeEncoding(true, false, true);
                case "ansi": return Ansi() ?? Missing();
                default: return OfName(name) ?? Unknown(name);
            }
        }

        private static Encoding Unknown(string name)
        {
            throw Failure.BadRequest("Unknown encoding '" + name + "': one of utf-8, utf-8-bom, utf-16-le, utf-16-be, ansi"
                + " and those that the .NET of this host has is wanted.");
        }

        private static Encoding OfName(string name)
        {
            return Strict(() => Encoding.GetEncoding(name, new EncoderExceptionFallback(),
                new DecoderExceptionFallback()));
        }

        /// <summary>The number of the ANSI code page of the host.</summary>
        public static int AnsiCodePage()
        {
            return CodePage("ACP", 1252);
        }

        /// <summary>The ANSI code page of the host, or null if the .NET of this process does not have it.</summary>
        private static Encoding Ansi()
        {
            return OfNumber(AnsiCodePage(), new EncoderExceptionFallback(), new DecoderExceptionFallback());
        }

        private static Encoding Missing()
        {
            throw Failure.BadRequest("The encoding 'ansi' is the code page " + AnsiCodePage()
                + " on this host, and its .NET does not have that. Write the file in UTF-8.");
        }

        private static Encoding OfNumber(int number, EncoderFallback encoder, DecoderFallback decoder)
        {
            return Strict(() => Encoding.GetEncoding(number, encoder, decoder));
        }

        /// <summary>Null for one that the .NET of this process does not have.</summary>
        private static Encoding Strict(Func<Encoding> named)
        {
            try
            {
                return named();
            }
            catch (NotSupportedException)
            {
                return null;
            }
            catch (ArgumentException)
            {
                return null;
            }
        }

        /// <summary>The host's code page by the registry: the default of a process may be another.</summary>
        private static int CodePage(string value, int otherwise)
        {
            int number;
            return Int32.TryParse(Convert.ToString(InRegistry(value), CultureInfo.InvariantCulture), NumberStyles.None,
                CultureInfo.InvariantCulture, out number) ? number : otherwise;
        }

        private static object InRegistry(string value)
        {
            try
            {
                return Registry.GetValue(CodePages, value, null);
            }
            catch (Exception error)
            {
                throw Failure.From(error, CodePages, "key");
            }
        }
    }
}
