// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Map;
using System;
using System.Globalization;
using System.IO;
using System.Text;

namespace ansible_collections.comindware.platform.plugins.module_utils._HttpReader
{
    /// <summary>Why there is no answer.</summary>
    public class HttpTrouble : Exception
    {
        public readonly string Code;

        public HttpTrouble(string code, string message)
            : base(message)
        {
            Code = code;
        }
    }

    public class HttpResponse
    {
        public long Status;
        public Map Headers = new Map();
        public byte[] Body;
    }

    /// <summary>Reads one HTTP/1.1 response (RFC 9112) to a GET that asked to close the connection.</summary>
    public class HttpReader
    {
        private const int MostHeaderBytes = 64 * 1024;
        private readonly Stream from;
        private readonly Func<int> remaining;
        private readonly byte[] buffer = new byte[8192];
        private int position;
        private int filled;

        /// <summary>`remaining`: milliseconds that are left, asked before each read.</summary>
        public HttpReader(Stream from, Func<int> remaining)
        {
            this.from = from;
            this.remaining = remaining;
        }

        /// <summary>The response with at most so many bytes of its body.</summary>
        public HttpResponse Read(long maximum)
        {
            HttpResponse response = new HttpResponse();
            do
                ReadHead(response);
            while (response.Status >= 100 && response.Status < 200);
            MemoryStream body = new MemoryStream();
            if (response.Status != 204 && response.Status != 304)
                ReadBody(response.Headers, body, maximum);
            response.Body = body.ToArray();
            return response;
        }

        private void ReadBody(Map headers, MemoryStream body, long maximum)
        {
            long length;
            if (headers.Text("transfer-encoding", "").EndsWith("chunked", StringComparison.OrdinalIgnoreCase))
                ReadChunks(body, maximum);
            else if (Int64.TryParse(headers.Text("content-length", ""), NumberStyles.None, CultureInfo.InvariantCulture,
                out length))
                ReadExactly(body, Math.Min(length, maximum));
            else
                ReadToEnd(body, maximum);
        }

        private void ReadToEnd(MemoryStream body, long maximum)
        {
            bool more = true;
            while (more && body.Length < maximum)
                more = CopyTo(body, maximum - body.Length);
        }

        private void ReadHead(HttpResponse response)
        {
            int allowed = MostHeaderBytes;
            string line = ReadLine(ref allowed);
            string[] parts = line.Split(new char[] { ' ' }, 3);
            if (!line.StartsWith("HTTP/1.", StringComparison.Ordinal) || parts.Length < 2
                || !Int64.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out response.Status))
                throw new HttpTrouble("not_http", "What answers there does not speak HTTP.");
            response.Headers.Clear();
            for (line = ReadLine(ref allowed); line.Length > 0; line = ReadLine(ref allowed))
            {
                int colon = line.IndexOf(':');
                if (colon <= 0)
                    continue;
                string name = line.Substring(0, colon).Trim().ToLowerInvariant();
                string value = line.Substring(colon + 1).Trim();
                string before = response.Headers.Text(name, null);
                response.Headers[name] = before == null ? value : before + ", " + value;
            }
        }

        private void ReadChunks(MemoryStream body, long maximum)
        {
            while (body.Length < maximum)
            {
                int allowed = MostHeaderBytes;
                string size = ReadLine(ref allowed).Split(';')[0].Trim();
                long length;
                if (!Int64.TryParse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out length))
                    throw new HttpTrouble("not_http", "The answer is not chunked as it says.");
                if (length == 0)
                    return;
                ReadExactly(body, Math.Min(length, maximum - body.Length));
                if (body.Length < maximum)
                    ReadLine(ref allowed);
            }
        }

        private void ReadExactly(MemoryStream body, long count)
        {
            for (long end = body.Length + count; body.Length < end;)
            {
                if (!CopyTo(body, end - body.Length))
                    throw new IOException("The connection was closed in the middle of the answer.");
            }
        }

        private bool CopyTo(MemoryStream body, long count)
        {
            if (position == filled && !Fill())
                return false;
            int part = (int)Math.Min(count, filled - position);
            body.Write(buffer, position, part);
            position += part;
            return true;
        }

        private string ReadLine(ref int allowed)
        {
            StringBuilder line = new StringBuilder();
            while (true)
            {
                if (position == filled && !Fill())
                    throw new IOException("The connection was closed in the middle of the answer.");
                char letter = (char)buffer[position++];
                if (letter == '\n')
                    return line.ToString().TrimEnd('\r');
                if (--allowed < 0)
                    throw new HttpTrouble("not_http", "The headers of the answer do not end.");
                line.Append(letter);
            }
        }

        private bool Fill()
        {
            from.ReadTimeout = remaining();
            position = 0;
            filled = from.Read(buffer, 0, buffer.Length);
            return filled > 0;
        }
    }
}
