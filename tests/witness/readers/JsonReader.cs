// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using System.Text.Json.Nodes;

/// <summary>A key that ASP.NET Core meets for the second time.</summary>
internal sealed class KeyTwice : Exception
{
    public KeyTwice(string key)
        : base($"A duplicate key '{key}' was found.")
    {
    }
}

/// <summary>
/// What JsonConfigurationProvider of .NET 10 does with a file: System.Text.Json reads it, and a table of keys is made of it. The
/// package is not in the bundle, so that the making of the table is told here anew; the reading is Microsoft's.
/// </summary>
internal sealed class JsonReader
{
    private readonly Dictionary<string, string?> table = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> twice = new();

    public static void Read(string path, Answer answer)
    {
        // The encoding is that of the byte order mark, else UTF-8; what is not UTF-8 becomes U+FFFD and is not refused.
        using var reader = new StreamReader(path);
        var options = new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };
        using JsonDocument document = JsonDocument.Parse(reader.ReadToEnd(), options);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            throw new FormatException($"Top-level JSON element must be an object. Instead, '{document.RootElement.ValueKind}' was found.");
        var one = new JsonReader();
        answer.Try("System.Text.Json", () => one.Fill(null, document.RootElement));
        var values = new JsonObject();
        foreach (var (key, value) in one.table)
            values[key] = value;
        answer["values"] = values;
        one.LookForTwice("", document.RootElement);
        answer["twice"] = new JsonArray(one.twice.ConvertAll(key => (JsonNode)key).ToArray());
    }

    private void Fill(string? key, JsonElement element)
    {
        int children = 0;
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    Fill(key == null ? property.Name : key + ":" + property.Name, property.Value);
                    children++;
                }
                // An empty object or array replaces what there is without a word; only values are refused.
                if (children == 0 && key != null)
                    table[key] = null;
                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in element.EnumerateArray())
                    Fill($"{key}:{children++}", item);
                if (children == 0)
                    table[key!] = "";
                break;
            default:
                if (table.ContainsKey(key!))
                    throw new KeyTwice(key!);
                table[key!] = element.ValueKind == JsonValueKind.Null ? null : element.ToString();
                break;
        }
    }

    /// <summary>Keys that one object has twice, whatever ASP.NET Core makes of them: two objects of one name are merged, for example.</summary>
    private void LookForTwice(string above, JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            int index = 0;
            foreach (JsonElement item in element.EnumerateArray())
                LookForTwice($"{above}{index++}:", item);
        }
        if (element.ValueKind != JsonValueKind.Object)
            return;
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (!names.Add(property.Name))
                twice.Add(above + property.Name);
            LookForTwice(above + property.Name + ":", property.Value);
        }
    }
}
