// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._PathSources;
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Security;
using System.Text;

namespace ansible_collections.comindware.platform.plugins.module_utils._Http
{
    /// <summary>HTTP as seen from the host itself: without its proxy and without credentials. Every status is an
    /// answer, 401 too.</summary>
    public static class Http
    {
        public static Map Query(Map query, PathSources sources)
        {
            List<string> urls = query.Items("urls").SelectMany(element => sources.Values(element, false)).ToList();
            if (query.Get("url") != null)
                urls.Insert(0, query.Text("url"));
            return new Map { { "items", urls.Select(url => (object)Ask(url, query, request => { })).ToList() } };
        }

        /// <summary>One request; `change` may add to it what no query can.</summary>
        public static Map Ask(string url, Map query, Action<HttpWebRequest> change)
        {
            Map item = new Map { { "url", url }, { "status", null }, { "headers", new Map() }, { "body", "" } };
            Stopwatch watch = Stopwatch.StartNew();
            SslPolicyErrors certificate = SslPolicyErrors.None;
            try
            {
                HttpWebRequest request = Prepare(url, query);
                change(request);
                request.ServerCertificateValidationCallback = delegate(object sender,
                    System.Security.Cryptography.X509Certificates.X509Certificate shown,
                    System.Security.Cryptography.X509Certificates.X509Chain chain, SslPolicyErrors errors)
                {
                    certificate = errors;
                    return errors == SslPolicyErrors.None;
                };
                using (HttpWebResponse response = Send(request))
                    Describe(item, response, query.Number("maximum_bytes", 64 * 1024));
            }
            catch (WebException error)
            {
                item["error"] = certificate == SslPolicyErrors.None
                    ? Error(error.Status.ToString(), error.Message)
                    : Error("certificate", "This host does not trust the certificate of '" + url + "': "
                        + certificate);
            }
            catch (IOException error)
            {
                item["error"] = Error("connection_lost", error.Message);
            }
            item["elapsed_ms"] = watch.ElapsedMilliseconds;
            return item;
        }

        private static HttpWebRequest Prepare(string url, Map query)
        {
            Uri address;
            if (!Uri.TryCreate(url, UriKind.Absolute, out address)
                || !address.Scheme.StartsWith("http", StringComparison.Ordinal))
                throw Failure.BadRequest("'" + url + "' is not an HTTP address.");
            // Older hosts leave TLS 1.2 out of the default; 0 leaves the choice to Windows, newer versions included.
            if (ServicePointManager.SecurityProtocol != 0)
                ServicePointManager.SecurityProtocol |= SecurityProtocolType.Tls12;
            HttpWebRequest request = (HttpWebRequest)WebRequest.Create(address);
            request.Proxy = null;
            request.KeepAlive = false;
            request.AllowAutoRedirect = query.Flag("follow_redirects", false);
            request.Timeout = request.ReadWriteTimeout = (int)(query.Number("timeout_seconds", 30) * 1000);
            if (query.Get("host_header") != null)
                request.Host = query.Text("host_header");
            return request;
        }

        private static HttpWebResponse Send(HttpWebRequest request)
        {
            try
            {
                return (HttpWebResponse)request.GetResponse();
            }
            catch (WebException error)
            {
                HttpWebResponse response = error.Response as HttpWebResponse;
                if (response == null)
                    throw;
                return response;
            }
        }

        private static void Describe(Map item, HttpWebResponse response, long maximum)
        {
            item["status"] = (long)(int)response.StatusCode;
            Map headers = new Map();
            foreach (string name in response.Headers.AllKeys)
                headers[name.ToLowerInvariant()] = response.Headers[name];
            item["headers"] = headers;
            MemoryStream body = new MemoryStream();
            byte[] buffer = new byte[8192];
            using (Stream from = response.GetResponseStream())
            {
                int got = 1;
                while (got > 0 && body.Length < maximum)
                {
                    got = from.Read(buffer, 0, (int)Math.Min(buffer.Length, maximum - body.Length));
                    body.Write(buffer, 0, got);
                }
            }
            item["body"] = Charset(response).GetString(body.ToArray());
        }

        private static Encoding Charset(HttpWebResponse response)
        {
            try
            {
                return String.IsNullOrEmpty(response.CharacterSet) ? Encoding.UTF8
                    : Encoding.GetEncoding(response.CharacterSet.Trim('"'));
            }
            catch (ArgumentException)
            {
                return Encoding.UTF8;
            }
        }

        private static Map Error(string code, string message)
        {
            return new Map { { "code", code }, { "message", message } };
        }
    }
}
