// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Entry;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Hashes;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._NewFolders;
using ansible_collections.comindware.platform.plugins.module_utils._Operation;
using ansible_collections.comindware.platform.plugins.module_utils._Patterns;
using ansible_collections.comindware.platform.plugins.module_utils._Reveal;
using ansible_collections.comindware.platform.plugins.module_utils._SavedFile;
using ansible_collections.comindware.platform.plugins.module_utils._Text;
using System.Collections.Generic;
using System.Text.RegularExpressions;

namespace ansible_collections.comindware.platform.plugins.module_utils._FileOperations
{
    /// <summary>`write_file`: the bytes of a text, of another file, or of the file itself with some values replaced.
    /// </summary>
    public class WriteFile : Operation
    {
        private readonly string path;
        private readonly string text;
        private readonly string encoding;
        private readonly List<string> secretsFrom;
        private readonly string copyFrom;
        private readonly List<Map> edits;
        private byte[] content;

        public WriteFile(Map fields)
        {
            path = RootedPath(fields, "path");
            edits = fields.Maps("edits");
            copyFrom = fields.Get("copy_from") == null ? null : RootedPath(fields, "copy_from");
            text = fields.Text("text", null);
            secretsFrom = RootedPaths(fields, "secrets_from");
            foreach (Map edit in edits)
                Patterns.Compile(edit.Text("pattern"));
            if ((text == null ? 0 : 1) + (copyFrom == null ? 0 : 1) + (edits.Count == 0 ? 0 : 1) != 1)
                throw Failure.BadRequest("write_file of '" + path
                    + "' needs exactly one of text, copy_from and edits.");
            encoding = text == null ? null : fields.Text("encoding");
            if (text != null)
                Text.Encode("", encoding);
        }

        public override Map Inverse(OperationContext context, int index)
        {
            Entry old = SavedFile.Replaced(path);
            content = Content(context);
            if (old != null && Disk.Hash(path) == Hashes.Of(content))
                return null;
            return SavedFile.Inverse(context, index, path, old);
        }

        private byte[] Content(OperationContext context)
        {
            if (copyFrom != null)
                return Disk.Read(copyFrom);
            if (edits.Count > 0)
                return Edited();
            if (!Reveal.HasToken(text))
                return Text.Encode(text, encoding);
            if (secretsFrom.Count == 0)
                throw Failure.BadRequest("The text of '" + path + "' holds secrets, but secrets_from is missing.");
            Reveal reveal = new Reveal(context.Secrets);
            foreach (string file in secretsFrom)
            {
                string saved;
                if (!context.Saved.TryGetValue(file.ToLowerInvariant(), out saved))
                    saved = file;
                // A saved copy has another name, and the file's own tells its format.
                reveal.From(file, Disk.Read(saved));
            }
            return Text.Encode(reveal.In(text, path), encoding);
        }

        private byte[] Edited()
        {
            byte[] bytes = Disk.Read(path);
            string found = Text.Detect(bytes);
            if (found == Text.Binary)
                throw new Failure("not_text", "'" + path
                    + "' is not text in an encoding that can be kept: it is not edited.");
            string edited = Text.Decode(bytes, found);
            foreach (Map edit in edits)
            {
                MatchCollection matches = Patterns.Compile(edit.Text("pattern")).Matches(edited);
                if (matches.Count != 1)
                    throw new Failure("verification_failed", "The pattern '" + edit.Text("pattern") + "' was found "
                        + matches.Count + " times in '" + path + "', and once is wanted.");
                Group value = matches[0].Groups["value"];
                edited = edited.Substring(0, value.Index) + edit.Text("value", "")
                    + edited.Substring(value.Index + value.Length);
            }
            return Text.Encode(edited, found);
        }

        public override void Act(OperationContext context, Map inverse)
        {
            NewFolders.Create(inverse);
            Disk.Write(path, content);
            if (!inverse.Flag("absent", false))
                SavedFile.RestoreSecurity(inverse);
        }

        public override void Verify()
        {
            if (Disk.Hash(path) != Hashes.Of(content))
                throw NotAsWritten("The file '" + path + "'");
        }

        public override void Undo(OperationContext context, Map inverse)
        {
            SavedFile.Undo(path, inverse);
        }
    }

    /// <summary>`remove_file`.</summary>
    public class RemoveFile : Operation
    {
        private readonly string path;

        public RemoveFile(Map fields)
        {
            path = RootedPath(fields, "path");
        }

        public override Map Inverse(OperationContext context, int index)
        {
            Disk.RefuseLinks(path);
            Entry entry = Disk.Find(path);
            if (entry == null)
                return null;
            if (!entry.IsFile)
                throw new Failure("not_a_file", "'" + path + "' is a " + entry.Kind.Replace('_', ' ')
                    + ": it is not removed as a file.", new Map { { "path", path } });
            return SavedFile.Save(context, index, entry);
        }

        public override void Act(OperationContext context, Map inverse)
        {
            Disk.Delete(path);
        }

        public override void Verify()
        {
            if (Disk.Find(path) != null)
                throw new Failure("verification_failed", "'" + path + "' is still there after it was deleted.");
        }

        public override void Undo(OperationContext context, Map inverse)
        {
            SavedFile.Restore(inverse);
        }
    }
}
