// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._HttpConnection;
using ansible_collections.comindware.platform.plugins.module_utils._HttpReader;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._PathSources;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using ansible_collections.comindware.platform.plugins.module_utils._Times;
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Text;

namespace ansible_collections.comindware.platform.plugins.module_utils._Http
{
    /// <summary>HTTP as seen from the host itself: without a proxy and without credentials. Every status is an answer,
    /// 401 too. Not by HttpWebRequest: it connects only to the name in the address, and a host must ask itself while
    /// the name that people use, which the binding and the certificate carry, may lead elsewhere.</summary>
    public static class Http
    {
        private const int MostRedirects = 5;
        private static readonly long[] Redirects = { 301, 302, 303, 307, 308 };

        public static Map Query(Map query, PathSources sources)
        {
            List<string> urls = query.Items("urls").SelectMany(element => sources.Values(element, false)).ToList();
            if (query.Get("url") != null)
                urls.Insert(0, query.Text("url"));
            return new Map { { "items", urls.Select(url => (object)Ask(url, query, target => { })).ToList() } };
        }

        /// <summary>One request; `change` may add to it what no query can.</summary>
        public static Map Ask(string url, Map query, Action<HttpTarget> change)
        {
            Uri address;
            if (!Uri.TryCreate(url, UriKind.Absolute, out address) || !IsWeb(address))
                throw Failure.BadRequest("'" + url + "' is not an HTTP address.");
            Map item = new Map { { "url", url }, { "status", null }, { "headers", new Map() }, { "body", "" } };
            HttpTarget target = new HttpTarget(address, query.Text("address", null), query.Text("certificate", null),
                query.Number("timeout_seconds", 30));
            change(target);
            try
            {
                Describe(item, Follow(target, query));
            }
            catch (HttpTrouble trouble)
            {
                item["error"] = Error(trouble.Code, trouble.Message);
            }
            catch (IOException error)
            {
                bool late = target.Remaining <= 1 || IsTimeout(error);
                item["error"] = late ? Error("timeout", "There was no whole answer in time.")
                    : Error("connection_lost", error.Message);
            }
            if (target.Certificate != null)
                item["certificate"] = target.Certificate;
            item["answered_at"] = IsGood(item) ? Times.Text(Seams.Current.Now()) : null;
            item["elapsed_ms"] = target.ElapsedMilliseconds;
            return item;
        }

        /// <summary>Did the site itself answer? It did with 401 too; where its pool is stopped, http.sys says 503.
        /// </summary>
        public static bool IsGood(Map item)
        {
            return item.Get("status") != null && item.Number("status", 0) < 500;
        }

        private static bool IsTimeout(IOException error)
        {
            SocketException inner = error.InnerException as SocketException;
            return inner != null && (inner.SocketErrorCode == SocketError.TimedOut
                || inner.SocketErrorCode == SocketError.WouldBlock);
        }

        private static bool IsWeb(Uri address)
        {
            return address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps;
        }

        /// <summary>The answer, after redirects if they are wanted. One to another name is itself the answer: what
        /// lies there is not this site.</summary>
        private static HttpResponse Follow(HttpTarget target, Map query)
        {
            long maximum = query.Number("maximum_bytes", 64 * 1024);
            HttpResponse response = HttpConnection.Get(target, maximum);
            for (int left = query.Flag("follow_redirects", false) ? MostRedirects : 0; left > 0; left--)
            {
                Uri next;
                if (!Redirects.Contains(response.Status)
                    || !Uri.TryCreate(target.Address, response.Headers.Text("location", ""), out next)
                    || !IsWeb(next)
                    || !String.Equals(next.Host, target.Address.Host, StringComparison.OrdinalIgnoreCase))
                    break;
                target.Address = next;
                response = HttpConnection.Get(target, maximum);
            }
            return response;
        }

        private static void Describe(Map item, HttpResponse response)
        {
            item["status"] = response.Status;
            item["headers"] = response.Headers;
            item["body"] = Charset(response.Headers.Text("content-type", "")).GetString(response.Body);
        }

        private static Encoding Charset(string contentType)
        {
            const string Name = "charset=";
            string part = contentType.Split(';').Select(text => text.Trim())
                .FirstOrDefault(text => text.StartsWith(Name, StringComparison.OrdinalIgnoreCase));
            try
            {
                return part == null ? Encoding.UTF8 : Encoding.GetEncoding(part.Substring(Name.Length).Trim('"', ' '));
            }
            catch (ArgumentException)
            {
                return Encoding.UTF8;
            }
            catch (NotSupportedException)
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
