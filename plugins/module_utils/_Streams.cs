// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Hashes;
using System;
using System.IO;
using System.Security.Cryptography;

namespace ansible_collections.comindware.platform.plugins.module_utils._Streams
{
    /// <summary>Bytes on their way, in pieces: `progress` is told the length of each.</summary>
    public static class Streams
    {
        private const int PieceSize = 1024 * 1024;

        /// <summary>Copies all that is left of `from`.</summary>
        public static void Copy(Stream from, Stream to, Action<long> progress)
        {
            Pump(from, to, null, progress);
        }

        /// <summary>As above; the answer is the SHA-256 of what was read.</summary>
        public static string CopyAndHash(Stream from, Stream to, Action<long> progress)
        {
            using (HashAlgorithm algorithm = Hashes.Sha256())
            {
                Pump(from, to, algorithm, progress);
                return Hashes.Hex(algorithm.Hash);
            }
        }

        /// <summary>The SHA-256 of all that is left of `from`.</summary>
        public static string Hash(Stream from, Action<long> progress)
        {
            return CopyAndHash(from, null, progress);
        }

        private static void Pump(Stream from, Stream to, HashAlgorithm algorithm, Action<long> progress)
        {
            byte[] piece = new byte[PieceSize];
            int got;
            while ((got = from.Read(piece, 0, PieceSize)) > 0)
            {
                if (algorithm != null)
                    algorithm.TransformBlock(piece, 0, got, null, 0);
                if (to != null)
                    to.Write(piece, 0, got);
                progress(got);
            }
            if (algorithm != null)
                algorithm.TransformFinalBlock(piece, 0, 0);
        }
    }
}
