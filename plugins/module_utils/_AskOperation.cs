// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Http;
using ansible_collections.comindware.platform.plugins.module_utils._Iis;
using ansible_collections.comindware.platform.plugins.module_utils._IisOperations;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Operation;
using ansible_collections.comindware.platform.plugins.module_utils._Retry;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using ansible_collections.comindware.platform.plugins.module_utils._Times;
using System;

namespace ansible_collections.comindware.platform.plugins.module_utils._AskOperation
{
    /// <summary>`ask_site`: asks a page before the stop, and undone until it answers again: how long an instance was away
    /// is measured here, where no connection lies between. It changes nothing, and nothing fails because of it.</summary>
    public class AskSite : Operation
    {
        private const long MostOfAnswer = 512;
        private readonly Map query;
        private readonly string pool;
        private readonly long patience;
        private string answered;

        public AskSite(Map fields)
        {
            query = new Map
            {
                { "url", fields.Text("url") },
                { "address", fields.Text("address", null) },
                { "certificate", "ignore" },
                { "timeout_seconds", fields.Number("timeout_seconds", 10) },
                { "maximum_bytes", MostOfAnswer },
            };
            pool = fields.Text("pool");
            patience = fields.Number("patience_seconds", 60);
        }

        public override Map Report
        {
            get { return new Map { { "answered_at", answered } }; }
        }

        public override Map UndoReport { get { return Report; } }

        /// <summary>Null if there was no good answer: then none is waited for afterwards. Where no worker process runs,
        /// none is asked for: a request would start one.</summary>
        public override Map Inverse(OperationContext context, int index)
        {
            return IsAwake() && Ask() ? new Map { { "answered_at", answered } } : null;
        }

        private bool IsAwake()
        {
            return Is(() => Iis.WorkersOf(pool).Count > 0);
        }

        private static bool Is(Func<bool> so)
        {
            try
            {
                return so();
            }
            catch (Exception)
            {
                return false;
            }
        }

        private bool Ask()
        {
            bool good = Is(() => Http.IsGood(Http.Ask(query.Text("url"), query, target => { })));
            answered = good ? Times.Text(Seams.Current.Now()) : null;
            return good;
        }

        public override void Act(OperationContext context, Map inverse)
        {
        }

        public override void Verify()
        {
        }

        public override void Undo(OperationContext context, Map inverse)
        {
            answered = null;
            if (Is(() => RunState.Runs(Iis.FindPool(pool).Text("state", ""))))
                Retry.Until(patience, Ask);
        }
    }
}
