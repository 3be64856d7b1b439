// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Security;

namespace ansible_collections.comindware.platform.plugins.module_utils._Failure
{
    /// <summary>A failure with a code for programs, a sentence for people and details for both.</summary>
    public class Failure : Exception
    {
        // ERROR_FILE_NOT_FOUND, PATH_NOT_FOUND, INVALID_DRIVE, NOT_READY, BAD_NETPATH, BAD_NET_NAME, INVALID_PARAMETER
        // (what ArgumentException carries), INVALID_NAME, BAD_PATHNAME, NETWORK_UNREACHABLE
        private static readonly int[] Nowhere = { 2, 3, 15, 21, 53, 67, 87, 123, 161, 1231 };

        public readonly string Code;
        public readonly IDictionary<string, object> Details;

        public Failure(string code, string message)
            : this(code, message, new Dictionary<string, object>())
        {
        }

        public Failure(string code, string message, IDictionary<string, object> details)
            : base(message)
        {
            Code = code;
            Details = details;
        }

        public static Failure BadRequest(string message)
        {
            return new Failure("bad_request", message);
        }

        /// <summary>A Win32 error as the exception that System.IO throws for it.</summary>
        public static IOException Win32(int number, string path)
        {
            string message = new Win32Exception(number).Message + ": '" + path + "'";
            return new IOException(message, unchecked((int)0x80070000 | number));
        }

        /// <summary>The Win32 error number that an exception carries, or 0.</summary>
        public static int NumberOf(Exception error)
        {
            Failure failure = error as Failure;
            object number;
            if (failure != null)
                return failure.Details.TryGetValue("number", out number)
                    ? Convert.ToInt32(number, CultureInfo.InvariantCulture) : 0;
            Win32Exception native = error as Win32Exception;
            if (native != null)
                return native.NativeErrorCode;
            // RegistryKey throws this one in the place of 5 ERROR_ACCESS_DENIED, and IOException with the plain number.
            if (error is SecurityException)
                return 5;
            uint result = unchecked((uint)error.HResult);
            bool plain = (result >> 16) == 0 && error is IOException;
            return plain || (result >> 16) == 0x8007 ? (int)(result & 0xFFFF) : 0;
        }

        /// <summary>The answer, or null if what it is about is not there, or has gone meanwhile.</summary>
        public static T UnlessGone<T>(Func<T> ask) where T : class
        {
            try
            {
                return ask();
            }
            catch (Exception error)
            {
                // 2 ERROR_FILE_NOT_FOUND, 3 ERROR_PATH_NOT_FOUND
                int number = NumberOf(error);
                if (number != 2 && number != 3)
                    throw;
                return null;
            }
        }

        /// <summary>Does it say that a path leads nowhere: to no drive or server, or is no possible name?</summary>
        public bool IsNowhere
        {
            get
            {
                object exception;
                return Nowhere.Contains(NumberOf(this)) || (Details.TryGetValue("exception", out exception)
                    && Equals(exception, typeof(NotSupportedException).Name));
            }
        }

        /// <summary>Any exception as a failure; one that names a Win32 error keeps its number. `called`: what the path is
        /// in the details.</summary>
        public static Failure From(Exception error, string path, string called = "path")
        {
            Failure failure = error as Failure;
            if (failure != null)
                return failure;
            int number = NumberOf(error);
            Dictionary<string, object> details = new Dictionary<string, object>();
            if (path != null)
                details[called] = path;
            if (number == 0)
            {
                details["exception"] = error.GetType().Name;
                return new Failure("unexpected", Sentence(error, path), details);
            }
            details["number"] = (long)number;
            // 112 ERROR_DISK_FULL and 39 ERROR_HANDLE_DISK_FULL
            if (number == 112 || number == 39)
                return new Failure("disk_full", "The disk is full: cannot write '" + path
                    + "'. Free some space on that volume and try again.", details);
            return new Failure("win32", Sentence(error, path) + " (Win32 error "
                + number.ToString(CultureInfo.InvariantCulture) + ")", details);
        }

        private static string Sentence(Exception error, string path)
        {
            string message = error.Message.Trim().TrimEnd('.');
            return path == null || message.Contains(path) ? message : message + ": '" + path + "'";
        }
    }
}
