// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._FileQueries;
using ansible_collections.comindware.platform.plugins.module_utils._Holding;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Operation;
using ansible_collections.comindware.platform.plugins.module_utils._Paths;
using ansible_collections.comindware.platform.plugins.module_utils._Retry;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using ansible_collections.comindware.platform.plugins.module_utils._Services;
using System;
using System.Collections.Generic;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._WaitOperations
{
    /// <summary>`stop_service` and `start_service`.</summary>
    public class ServiceState : Operation
    {
        private readonly bool start;
        private readonly string name;
        private readonly long seconds;

        public ServiceState(Map fields)
        {
            start = fields.Text("op") == "start_service";
            name = fields.Text("service");
            seconds = fields.Number("timeout_seconds", 180);
        }

        public override bool UndoStarts { get { return !start; } }

        public override bool Repeats { get { return start; } }

        private string Wanted { get { return start ? Services.Running : Services.Stopped; } }

        public override Map Inverse(OperationContext context, int index)
        {
            string state = Services.State(name);
            if (state == null)
                throw Failure.BadRequest("There is no service '" + name + "' on this host.");
            return state == Wanted ? null : new Map { { "state", state } };
        }

        public override void Act(OperationContext context, Map inverse)
        {
            Bring(start);
        }

        private void Bring(bool started)
        {
            if (started ? Services.Start(name, seconds) : Services.Stop(name, seconds))
                return;
            string state = Services.State(name);
            throw new Failure(started ? "not_started" : "service_not_stopped", "The service '" + name + "' did not "
                + (started ? "start" : "stop") + " within " + seconds + " seconds: its state is " + state
                + ". Look into the event log of the host.", new Map { { "service", name }, { "state", state } });
        }

        public override void Verify()
        {
            Bring(start);
        }

        public override void Undo(OperationContext context, Map inverse)
        {
            string before = inverse.Text("state");
            if (start ? before == Services.Stopped || before == "stop_pending"
                : before == Services.Running || before == "start_pending")
                Bring(!start);
        }
    }

    /// <summary>`wait_released`: nobody holds a file below the paths.</summary>
    public class WaitReleased : Operation
    {
        private readonly List<string> paths;
        private readonly long seconds;
        private List<Holder> left;

        public WaitReleased(Map fields)
        {
            paths = fields.Texts("paths").Select(path => Paths.Normalise(Paths.Expand(path))).ToList();
            string wrong = paths.FirstOrDefault(path => !Paths.IsRooted(path));
            if (wrong != null)
                throw Failure.BadRequest("wait_released needs absolute paths, not '" + wrong + "'.");
            seconds = fields.Number("timeout_seconds", 60);
        }

        public override Map Inverse(OperationContext context, int index)
        {
            return IsReleased() ? null : new Map();
        }

        private bool IsReleased()
        {
            left = paths.SelectMany(path => FileQueries.Holders(path, new List<string>())).ToList();
            return left.Count == 0;
        }

        public override void Act(OperationContext context, Map inverse)
        {
            Retry.Until(seconds, IsReleased);
        }

        public override void Verify()
        {
            if (left.Count > 0)
                throw Holding.By(left[0].Path ?? String.Join(", ", paths), left);
        }

        public override void Undo(OperationContext context, Map inverse)
        {
        }
    }
}
