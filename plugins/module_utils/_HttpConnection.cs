// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._HttpReader;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Times;
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ansible_collections.comindware.platform.plugins.module_utils._HttpConnection
{
    /// <summary>What is asked for, where it is connected to, and how much time is left for all of it.</summary>
    public class HttpTarget
    {
        /// <summary>A certificate that does not fit is an error, is told, or is not looked at.</summary>
        public const string Demand = "demand";
        public const string Tell = "tell";
        public const string Ignore = "ignore";

        public string Method = "GET";
        /// <summary>The header of this name, or null.</summary>
        public string Authorization;
        public Uri Address;
        public readonly string Certificates;
        public Map Certificate;
        private readonly string connectTo;
        private readonly long milliseconds;
        private readonly Stopwatch watch = Stopwatch.StartNew();

        public HttpTarget(Uri address, string connectTo, string certificates, long seconds)
        {
            Address = address;
            this.connectTo = connectTo;
            Certificates = certificates ?? Demand;
            if (!new string[] { Demand, Tell, Ignore }.Contains(Certificates))
                throw Failure.BadRequest("The field 'certificate' must be demand, tell or ignore.");
            milliseconds = seconds * 1000;
        }

        public string ConnectTo { get { return connectTo ?? Name.Trim('[', ']'); } }

        /// <summary>The name as it stands in headers and certificates, punycode for Cyrillic.</summary>
        public string Name
        {
            get { return Address.HostNameType == UriHostNameType.Dns ? Address.IdnHost : Address.Host; }
        }

        public long ElapsedMilliseconds { get { return watch.ElapsedMilliseconds; } }

        /// <summary>Milliseconds, never below 1: to streams, 0 means for ever.</summary>
        public int Remaining
        {
            get { return (int)Math.Max(1, Math.Min(Int32.MaxValue, milliseconds - watch.ElapsedMilliseconds)); }
        }
    }

    /// <summary>One connection for one request.</summary>
    public static class HttpConnection
    {
        public static HttpResponse Get(HttpTarget target, long maximum)
        {
            using (Socket socket = Connect(target))
            using (NetworkStream network = new NetworkStream(socket))
            {
                network.ReadTimeout = network.WriteTimeout = target.Remaining;
                if (target.Address.Scheme != Uri.UriSchemeHttps)
                    return Ask(network, target, maximum);
                using (SslStream secured = Secure(network, target))
                    return Ask(secured, target, maximum);
            }
        }

        private static HttpResponse Ask(Stream stream, HttpTarget target, long maximum)
        {
            byte[] request = Encoding.ASCII.GetBytes(target.Method + " " + target.Address.PathAndQuery + " HTTP/1.1\r\nHost: "
                + target.Name + (target.Address.IsDefaultPort ? "" : ":" + target.Address.Port)
                + (target.Authorization == null ? "" : "\r\nAuthorization: " + target.Authorization)
                + (target.Method == "GET" ? "" : "\r\nContent-Length: 0")
                + "\r\nAccept: */*\r\nConnection: close\r\n\r\n");
            stream.Write(request, 0, request.Length);
            stream.Flush();
            return new HttpReader(stream, () => target.Remaining).Read(maximum);
        }

        /// <summary>Tries all addresses of the name, as browsers do: a host may listen on one of them only.</summary>
        private static Socket Connect(HttpTarget target)
        {
            string where = target.ConnectTo + ":" + target.Address.Port;
            string reason = "it has no address";
            foreach (IPAddress address in Resolve(target.ConnectTo))
            {
                try
                {
                    return Connect(address, target, where);
                }
                catch (SocketException error)
                {
                    reason = error.Message;
                }
            }
            throw new HttpTrouble("not_reached", "There is no connection to " + where + ": " + reason);
        }

        private static Socket Connect(IPAddress address, HttpTarget target, string where)
        {
            Socket socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                IAsyncResult begun = socket.BeginConnect(address, target.Address.Port, null, null);
                if (!begun.AsyncWaitHandle.WaitOne(target.Remaining))
                    throw new HttpTrouble("timeout", "Nobody answered at " + where + " in time.");
                socket.EndConnect(begun);
                return socket;
            }
            catch (Exception)
            {
                socket.Dispose();
                throw;
            }
        }

        private static IEnumerable<IPAddress> Resolve(string name)
        {
            try
            {
                return Dns.GetHostAddresses(name);
            }
            catch (SocketException error)
            {
                throw new HttpTrouble("unknown_name", "The name '" + name + "' is not known here: " + error.Message);
            }
        }

        private static SslStream Secure(NetworkStream network, HttpTarget target)
        {
            string refused = null;
            SslStream stream = new SslStream(network, false, delegate(object sender, X509Certificate certificate,
                X509Chain chain, SslPolicyErrors errors)
            {
                if (target.Certificates == HttpTarget.Ignore)
                    return true;
                Map told = Describe(certificate, chain, errors, target.Name);
                // That of the page asked for is told, not that of a page it leads to, unless only the latter is wrong.
                if (target.Certificate == null || target.Certificate.Get("problem") == null)
                    target.Certificate = told;
                refused = target.Certificates == HttpTarget.Demand ? told.Text("problem", null) : null;
                return refused == null;
            });
            try
            {
                stream.AuthenticateAsClient(target.Name, null, Protocols(), false);
                return stream;
            }
            catch (AuthenticationException error)
            {
                stream.Dispose();
                if (refused != null)
                    throw new HttpTrouble("certificate_" + refused, target.Certificate.Text("message"));
                string inner = error.InnerException == null ? "" : " " + error.InnerException.Message;
                throw new HttpTrouble("tls", "No encrypted connection came about: " + error.Message + inner);
            }
            catch (Exception)
            {
                stream.Dispose();
                throw;
            }
        }

        /// <summary>Older hosts leave TLS 1.2 out of the default. 0 leaves the choice to Windows, newer versions
        /// included, and is refused where it is not the default.</summary>
        [SuppressMessage("Security", "CA5398", Justification = "Named only where the default would leave it out.")]
        private static SslProtocols Protocols()
        {
#if CORECLR
            // Windows always has the choice there, and ServicePointManager is obsolete, an error to Ansible's compiler.
            return SslProtocols.None;
#else
            return ServicePointManager.SecurityProtocol == 0 ? SslProtocols.None : SslProtocols.Tls12;
#endif
        }

        /// <summary>What this host thinks of a certificate: its own stores are the trust, and no revocation list is
        /// asked for, which closed networks cannot reach. The name is looked at first: of a certificate of somebody
        /// else the rest does not matter.</summary>
        private static Map Describe(X509Certificate certificate, X509Chain chain, SslPolicyErrors errors, string name)
        {
            Map told = new Map { { "problem", null }, { "message", null }, { "subject", null }, { "issuer", null },
                { "not_after", null } };
            if (certificate == null)
                return Problem(told, "missing", "The server shows no certificate.");
            using (X509Certificate2 shown = new X509Certificate2(certificate))
                return Describe(told, shown, chain, errors, name);
        }

        private static Map Describe(Map told, X509Certificate2 shown, X509Chain chain, SslPolicyErrors errors,
            string name)
        {
            told["subject"] = shown.Subject;
            told["issuer"] = shown.Issuer;
            told["not_after"] = Times.Text(shown.NotAfter.ToUniversalTime());
            string who = "The certificate '" + shown.Subject + "' of '" + shown.Issuer + "'";
            if ((errors & SslPolicyErrors.RemoteCertificateNameMismatch) != 0)
                return Problem(told, "wrong_name", who + " is not for the name " + name + ".");
            if ((errors & SslPolicyErrors.RemoteCertificateChainErrors) == 0)
                return told;
            List<X509ChainStatusFlags> found = chain.ChainStatus.Select(one => one.Status).ToList();
            if (found.Any(one => (one & X509ChainStatusFlags.NotTimeValid) != 0))
                return Problem(told, "expired", who + " is not valid now: it, or one above it, is valid from "
                    + Times.Text(shown.NotBefore.ToUniversalTime()) + " to " + told.Text("not_after") + ".");
            if (found.All(one => (one & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0))
                return Problem(told, "untrusted", who + " is not trusted by this host: the authority that issued it is"
                    + " not among the trusted root authorities of the machine.");
            return Problem(told, "invalid", who + " is not accepted by this host: "
                + String.Join(", ", found.Select(one => one.ToString())) + ".");
        }

        private static Map Problem(Map told, string problem, string message)
        {
            told["problem"] = problem;
            told["message"] = message;
            return told;
        }
    }
}
