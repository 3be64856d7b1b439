// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using System;
using System.Collections.Generic;
using System.Linq;

namespace ansible_collections.comindware.platform.plugins.module_utils._Map
{
    /// <summary>A JSON object. The accessors refuse a field of the wrong type with the field's name.</summary>
    public class Map : Dictionary<string, object>
    {
        public Map()
            : base(StringComparer.Ordinal)
        {
        }

        public Map(IDictionary<string, object> from)
            : base(from, StringComparer.Ordinal)
        {
        }

        /// <summary>A text that must be there and must not be empty.</summary>
        public string Text(string key)
        {
            string value = Text(key, null);
            if (String.IsNullOrEmpty(value))
                throw Failure.BadRequest("The field '" + key + "' is missing or empty.");
            return value;
        }

        public string Text(string key, string otherwise)
        {
            object value = Get(key);
            if (value == null)
                return otherwise;
            return Cast<string>(key, value, "a string");
        }

        public long Number(string key, long otherwise)
        {
            object value = Get(key);
            if (value == null)
                return otherwise;
            if (value is int)
                return (int)value;
            return value is double ? (long)(double)value : Cast<long>(key, value, "a number");
        }

        public bool Flag(string key, bool otherwise)
        {
            object value = Get(key);
            return value == null ? otherwise : Cast<bool>(key, value, "true or false");
        }

        public Map Child(string key)
        {
            object value = Get(key);
            return value == null ? null : Cast<Map>(key, value, "an object");
        }

        /// <summary>The elements of a list; none when the field is missing.</summary>
        public List<object> Items(string key)
        {
            object value = Get(key);
            if (value == null)
                return new List<object>();
            return Cast<List<object>>(key, value, "a list");
        }

        public List<Map> Maps(string key)
        {
            return Items(key).Select(item => Cast<Map>(key, item, "a list of objects")).ToList();
        }

        public List<string> Texts(string key)
        {
            return Items(key).Select(item => Cast<string>(key, item, "a list of strings")).ToList();
        }

        public object Get(string key)
        {
            object value;
            return TryGetValue(key, out value) ? value : null;
        }

        private static T Cast<T>(string key, object value, string wanted)
        {
            if (!(value is T))
                throw Failure.BadRequest("The field '" + key + "' must be " + wanted + ".");
            return (T)value;
        }
    }
}
