// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Commands;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._HostQueries;
using ansible_collections.comindware.platform.plugins.module_utils._HttpCall;
using ansible_collections.comindware.platform.plugins.module_utils._Json;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Queries;
using ansible_collections.comindware.platform.plugins.module_utils._Seams;
using ansible_collections.comindware.platform.plugins.module_utils._SetCopy;
using ansible_collections.comindware.platform.plugins.module_utils._Text;
using ansible_collections.comindware.platform.plugins.module_utils._WindowsSeams;
using System;

namespace ansible_collections.comindware.platform.plugins.module_utils._Agent
{
    /// <summary>The one entry point of the module: a request in, an answer out, never an exception.</summary>
    public static class Agent
    {
        /// <summary>Base64 of a UTF-8 JSON request to the JSON text of the answer.</summary>
        public static string Run(string requestBase64)
        {
            try
            {
                if (Seams.Current == null)
                    Seams.Current = new WindowsSeams();
                Map answer = Answer(Json.ParseMap(Decode(requestBase64)));
                answer["ok"] = true;
                return Json.Write(answer);
            }
            catch (Exception error)
            {
                return Json.Write(new Map { { "ok", false },
                    { "error", Queries.Describe(Failure.From(error, null)) } });
            }
        }

        private static string Decode(string requestBase64)
        {
            try
            {
                return Text.Utf8.GetString(Convert.FromBase64String(requestBase64));
            }
            catch (Exception)
            {
                throw Failure.BadRequest("The request is not base64 of UTF-8 text.");
            }
        }

        private static Map Answer(Map request)
        {
            string command = request.Text("command");
            HostQueries.RefuseOther(request.Text("machine", null));
            switch (command)
            {
                case "query":
                    return new Map { { "answers", Queries.Answer(request.Maps("queries")) } };
                case "request":
                    return HttpCall.Answer(request);
                case "execute":
                    return Commands.Execute(request);
                case "status":
                    return Commands.StatusOf(request);
                case "confirm":
                    return Commands.Confirm(request);
                case "rollback":
                    return Commands.Rollback(request);
                case "recover":
                    return Commands.Recover(request);
                case "copy_set":
                    return SetCopy.Run(request);
                case "probe_copy":
                    return SetCopy.Probe(request);
                default:
                    throw Failure.BadRequest("Unknown command '" + command + "'.");
            }
        }
    }
}
