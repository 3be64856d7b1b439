// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
using System;
using System.Collections.Generic;
using System.Configuration;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;

/// <summary>What was read of a file, and what was refused, by whom, why and in which line.</summary>
internal sealed class Answer
{
    private readonly JsonObject facts = new();
    private readonly List<(string By, string Message, int Line)> refusals = new();

    public JsonNode? this[string name]
    {
        set => facts[name] = value;
    }

    /// <summary>Everything that the action throws is a refusal.</summary>
    public void Try(string by, Action action)
    {
        try
        {
            action();
        }
        catch (ConfigurationErrorsException e)
        {
            // Errors holds the exception itself where it is the only one.
            foreach (Exception one in e.Errors)
                Refuse(by, one);
        }
        catch (Exception e)
        {
            Refuse(by, e);
        }
    }

    private void Refuse(string by, Exception e)
    {
        var found = e switch
        {
            ConfigurationErrorsException { InnerException: XmlException inner } => (by, inner.Message, inner.LineNumber),
            ConfigurationException one => (by, one.BareMessage, one.Line),
            XmlException one => (by, one.Message, one.LineNumber),
            JsonException one => (by, one.Message, (int)(one.LineNumber ?? -1) + 1),
            KeyTwice one => ("ASP.NET Core", one.Message, 0),
            FormatException one => ("ASP.NET Core", one.Message, 0),
            _ => (by, e.GetType().Name + ": " + e.Message, 0),
        };
        if (!refusals.Contains(found))
            refusals.Add(found);
    }

    public JsonObject ToJson()
    {
        var list = new JsonArray();
        foreach (var (by, message, line) in refusals)
            list.Add(new JsonObject { ["by"] = by, ["error"] = message, ["line"] = line > 0 ? line : null });
        facts["ok"] = refusals.Count == 0;
        if (refusals.Count > 0)
        {
            facts["error"] = refusals[0].Message;
            facts["line"] = refusals[0].Line > 0 ? refusals[0].Line : null;
            facts["refusals"] = list;
        }
        return facts;
    }
}
