// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Entry;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Operation;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;

namespace ansible_collections.comindware.platform.plugins.module_utils._LinkOperations
{
    /// <summary>`create_link`.</summary>
    public class CreateLink : Operation
    {
        private readonly string path;
        private readonly Link link;

        public CreateLink(Map fields)
        {
            path = RootedPath(fields, "path");
            link = new Link { Kind = fields.Text("kind"), Target = RootedPath(fields, "target") };
            if (link.Kind != LinkKind.SymlinkFile && link.Kind != LinkKind.SymlinkDirectory
                && link.Kind != LinkKind.Junction)
                throw Failure.BadRequest("Unknown kind of link '" + link.Kind
                    + "': symlink_file, symlink_directory or junction is wanted.");
        }

        public override Map Inverse(OperationContext context, int index)
        {
            Disk.RefuseLinksAbove(path);
            Entry there = Disk.Find(path);
            if (there == null)
                return new Map { { "absent", true } };
            if (Links.Same(there.Link, link))
                return null;
            throw new Failure("exists", "'" + path + "' cannot become a link to '" + link.Target + "': "
                + (there.Link == null ? "a " + there.Kind : "a link to '" + there.Link.Target + "'")
                + " is there already.", new Map { { "path", path } });
        }

        public override void Act(OperationContext context, Map inverse)
        {
            Disk.CreateLink(path, link);
        }

        public override void Verify()
        {
            if (!Links.Same(Disk.ReadLink(path), link))
                throw NotAsWritten("The link '" + path + "'");
        }

        public override void Undo(OperationContext context, Map inverse)
        {
            Entry there = Disk.Find(path);
            if (there == null)
                return;
            if (Links.Same(there.Link, link))
                Disk.RemoveLink(path);
            else if (link.Kind == LinkKind.Junction && there.IsDirectory && Disk.List(path).Count == 0)
                // A junction begins its life as an empty folder.
                Disk.Delete(path);
            else
                throw new Failure("not_a_link", "'" + path + "' was to be a link to '" + link.Target
                    + "', but something else is there now. It was left alone.", new Map { { "path", path } });
        }
    }

    /// <summary>`remove_link`: the link goes, its target stays.</summary>
    public class RemoveLink : Operation
    {
        private readonly string path;

        public RemoveLink(Map fields)
        {
            path = RootedPath(fields, "path");
        }

        public override Map Inverse(OperationContext context, int index)
        {
            Disk.RefuseLinksAbove(path);
            Entry entry = Disk.Find(path);
            if (entry == null)
                return null;
            if (entry.Link == null || entry.Link.Target == null)
                throw new Failure("not_a_link", "'" + path + "' is a " + entry.Kind.Replace('_', ' ')
                    + ", not a link that can be made again: it is not removed.", new Map { { "path", path } });
            return new Map { { "kind", entry.Link.Kind }, { "target", entry.Link.Target } };
        }

        public override void Act(OperationContext context, Map inverse)
        {
            Disk.RemoveLink(path);
        }

        public override void Verify()
        {
            if (Disk.Find(path) != null)
                throw new Failure("verification_failed", "'" + path + "' is still there after it was removed.");
        }

        public override void Undo(OperationContext context, Map inverse)
        {
            Link old = new Link { Kind = inverse.Text("kind"), Target = inverse.Text("target") };
            Entry there = Disk.Find(path);
            if (there != null && Links.Same(there.Link, old))
                return;
            if (there != null && old.Kind == LinkKind.Junction && there.IsDirectory && Disk.List(path).Count == 0)
                Disk.Delete(path);
            Disk.CreateLink(path, old);
        }
    }

    public static class Links
    {
        public static bool Same(Link a, Link b)
        {
            return a != null && b != null && a.Kind == b.Kind && a.Target != null && Paths.Same(a.Target, b.Target);
        }
    }
}
