// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Security.Cryptography;

namespace ansible_collections.comindware.platform.plugins.module_utils._Hashes
{
    /// <summary>SHA-256 as lower-case hexadecimal digits.</summary>
    public static class Hashes
    {
        public static string Of(byte[] bytes)
        {
            using (HashAlgorithm algorithm = Sha256())
                return Hex(algorithm.ComputeHash(bytes));
        }

        public static string Hex(byte[] bytes)
        {
            return BitConverter.ToString(bytes).Replace("-", "").ToLowerInvariant();
        }

        /// <summary>The provider of Windows where there is one: on .NET Framework SHA256.Create is the managed one, which
        /// is slow, and which hosts refuse on which FIPS is enforced. .NET always takes that of Windows, and has no other.
        /// </summary>
        public static HashAlgorithm Sha256()
        {
#if CORECLR
            return SHA256.Create();
#else
            try
            {
                return new SHA256Cng();
            }
            catch (PlatformNotSupportedException)
            {
                return SHA256.Create();
            }
#endif
        }
    }
}
