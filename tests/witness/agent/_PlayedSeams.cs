// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using ansible_collections.comindware.platform.plugins.module_utils._WindowsSeams;
using System;
using System.IO;
using System.Net.Sockets;
using System.Text;

namespace ansible_collections.comindware.platform.plugins.module_utils._PlayedSeams
{
    /// <summary>The seams of Windows, but for two things that Wine 8 has not. Links: the stand-in makes and reads symbolic links of
    /// Linux, which Wine follows. Owners and access lists: the real calls are made, and the stand-in remembers what was written, as
    /// Wine makes a Unix mode of it, and no file belongs to Administrators.</summary>
    public class PlayedSeams : WindowsSeams
    {
        /// <summary>.NET Framework has all code pages by itself; what is compiled for it runs on .NET here, which wants to be asked.
        /// </summary>
        static PlayedSeams()
        {
            Type pages = Type.GetType("System.Text.CodePagesEncodingProvider, System.Text.Encoding.CodePages", true);
            Encoding.RegisterProvider((EncodingProvider)pages.GetProperty("Instance").GetValue(null, null));
        }

        /// <summary>Wine has the mark of a link for those that lead to folders only.</summary>
        public override bool IsLink(string path, FileAttributes attributes)
        {
            return base.IsLink(path, attributes) || (attributes & FileAttributes.Directory) == 0;
        }

        public override Link ReadLink(string path)
        {
            string[] answer = Ask("#read_link", path, "").Split('\t');
            return answer.Length < 2 ? null : new Link { Kind = answer[0], Target = answer[1] };
        }

        public override void CreateLink(string path, Link link)
        {
            Ask("#create_link", path, link.Kind + "\t" + link.Target);
        }

        public override void RemoveLink(string path, Link link)
        {
            Ask("#remove_link", path, "");
        }

        public override string ReadSecurity(string path)
        {
            base.ReadSecurity(path);
            return Ask("#read_security", path, "");
        }

        public override void WriteSecurity(string path, string sddl)
        {
            base.WriteSecurity(path, sddl);
            Ask("#write_security", path, sddl);
        }

        public override void CreateSecuredDirectory(string path, string sddl)
        {
            base.CreateSecuredDirectory(path, sddl);
            Ask("#write_security", path, sddl);
        }

        /// <summary>What is gone has no access list any more; what was replaced keeps it.</summary>
        public override void Point(string name, string path)
        {
            base.Point(name, path);
            if (name == "after:delete" || name == "after:remove_link")
                Ask("#forget_security", path, "");
            if (name == "after:replace")
                Ask("#keep_security", path, "");
        }

        /// <summary>By the door of the look-alike programs: tests/witness/native/relay.c.</summary>
        private static string Ask(string what, string path, string more)
        {
            string[] where = Environment.GetEnvironmentVariable("STANDIN_RELAY").Split(':');
            using (TcpClient client = new TcpClient(where[0], Int32.Parse(where[1])))
            using (NetworkStream stream = client.GetStream())
            {
                byte[] question = Encoding.UTF8.GetBytes(String.Join("\0", what, Paths.Normalise(path), more, "", ""));
                stream.Write(BitConverter.GetBytes(question.Length), 0, 4);
                stream.Write(question, 0, question.Length);
                BinaryReader reader = new BinaryReader(stream);
                int code = reader.ReadInt32();
                string answer = Encoding.UTF8.GetString(reader.ReadBytes(reader.ReadInt32()));
                if (code != 0)
                    throw Failure.Win32(code, path);
                return answer;
            }
        }
    }
}

// .NET has no SHA256Cng. What .NET Framework's compiler makes would not start here; a name in the namespace itself goes before all others.
namespace ansible_collections.comindware.platform.plugins.module_utils._Hashes
{
    using System.Security.Cryptography;

    internal sealed class SHA256Cng : HashAlgorithm
    {
        private readonly HashAlgorithm inner = SHA256.Create();

        public override void Initialize()
        {
            inner.Initialize();
        }

        protected override void HashCore(byte[] array, int start, int size)
        {
            inner.TransformBlock(array, start, size, null, 0);
        }

        protected override byte[] HashFinal()
        {
            inner.TransformFinalBlock(new byte[0], 0, 0);
            return inner.Hash;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
