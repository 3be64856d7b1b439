// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
using System;
using System.IO;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;

/// <summary>One line of JSON in, one out: a file to load, and what became of it. __init__.py explains the fields.</summary>
internal static class Program
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static int Main(string[] arguments)
    {
        // .NET Framework knows windows-1251 and its like without being asked.
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        var configuration = new ConfigurationReader(arguments[0]);
        using var input = new StreamReader(Console.OpenStandardInput(), Utf8);
        using var output = new StreamWriter(Console.OpenStandardOutput(), Utf8) { NewLine = "\n" };
        while (input.ReadLine() is { } line)
        {
            output.WriteLine(Answer(configuration, JsonDocument.Parse(line).RootElement).ToJsonString(Plain));
            output.Flush();
        }
        return 0;
    }

    private static JsonObject Answer(ConfigurationReader configuration, JsonElement request)
    {
        string kind = request.GetProperty("kind").GetString()!;
        string path;
        if (request.TryGetProperty("text", out JsonElement text))
            File.WriteAllText(path = Path.GetFullPath("text.config"), text.GetString(), Utf8);
        else
            path = request.GetProperty("path").GetString()!;
        var answer = new Answer();
        switch (kind)
        {
            case "config": configuration.Read(path, answer); break;
            case "xml": answer.Try("System.Xml", () => ReadXml(path)); break;
            case "json": answer.Try("System.Text.Json", () => JsonReader.Read(path, answer)); break;
            default: throw new ArgumentException("kind: " + kind);
        }
        return answer.ToJson();
    }

    /// <summary>As NLog and XmlSerializer read theirs.</summary>
    private static void ReadXml(string path)
    {
        using var reader = XmlReader.Create(path);
        while (reader.Read())
        {
        }
    }
}
