// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using ansible_collections.comindware.platform.plugins.module_utils._Http;
using ansible_collections.comindware.platform.plugins.module_utils._Map;
using ansible_collections.comindware.platform.plugins.module_utils._Text;
using System;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._HttpCall
{
    /// <summary>The command `request`: one HTTP request with credentials, which are written nowhere and come back in no
    /// answer. It is no query: a POST changes something.</summary>
    public static class HttpCall
    {
        private static readonly string[] Methods = { "GET", "POST" };
        private static readonly string[] Shown = { "body", "headers", "error" };
        private const string Hidden = "********";

        public static Map Answer(Map request)
        {
            string method = request.Text("method");
            if (!Methods.Contains(method))
                throw Failure.BadRequest("The field 'method' must be GET or POST, not '" + method + "'.");
            string password = request.Text("password");
            string basic = Convert.ToBase64String(Text.Utf8.GetBytes(request.Text("user") + ":" + password));
            // Followed, a redirection would carry the credentials to wherever it leads.
            Map query = new Map(request);
            query["follow_redirects"] = false;
            Map item = Http.Ask(request.Text("url"), query, target =>
            {
                target.Method = method;
                target.Authorization = "Basic " + basic;
            });
            foreach (string key in Shown.Where(item.ContainsKey))
                item[key] = Hide(item[key], password, basic);
            return new Map { { "response", item } };
        }

        private static object Hide(object value, params string[] secrets)
        {
            Map map = value as Map;
            if (map != null)
                return new Map(map.ToDictionary(pair => pair.Key, pair => Hide(pair.Value, secrets)));
            string text = value as string;
            return text == null ? value : secrets.Aggregate(text, (shown, secret) => shown.Replace(secret, Hidden));
        }
    }
}
