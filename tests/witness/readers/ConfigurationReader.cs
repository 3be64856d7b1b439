// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
using System;
using System.Collections.Generic;
using System.Collections.Specialized;
using System.Configuration;
using System.Configuration.Internal;
using System.Linq;
using System.Text.Json.Nodes;
using System.Xml;
using System.Xml.Linq;

/// <summary>Loads a file twice, as a tool that manages it and as the application: the second is stricter.</summary>
internal sealed class ConfigurationReader
{
    private const string By = "System.Configuration";
    private readonly string machine;
    private readonly Dictionary<string, string?> declaredByMachine = new();

    public ConfigurationReader(string machine)
    {
        this.machine = machine;
        Declare(XDocument.Load(machine).Root!.Element("configSections"), "", declaredByMachine);
    }

    public void Read(string path, Answer answer)
    {
        Places? looked = Look(path);
        answer["xml"] = looked != null;
        Places places = looked ?? new(new(), new(), new(), new());
        answer["sections"] = Texts(places.Sections);
        answer["unread"] = Texts(places.Unread);
        answer["locations"] = Texts(places.Locations);
        answer.Try(By, () => Run(path, places, answer));
        answer.Try(By, () => Manage(path, places, answer));
    }

    /// <summary>It does not mind what only the application would stumble over: an undeclared section, configSections in the wrong place.</summary>
    private void Manage(string path, Places places, Answer answer)
    {
        var files = new ExeConfigurationFileMap { MachineConfigFilename = machine, ExeConfigFilename = path };
        Configuration opened = ConfigurationManager.OpenMappedExeConfiguration(files, ConfigurationUserLevel.None);
        foreach (string section in places.Asked)
            answer.Try(By, () => opened.GetSection(section));
        answer.Try(By, () => answer["connections"] = Table(
            opened.ConnectionStrings.ConnectionStrings.Cast<ConnectionStringSettings>()
                .Where(one => one.ElementInformation.Source is { } source && source != machine),
            one => one.Name,
            one => one.ConnectionString));
    }

    private void Run(string path, Places places, Answer answer)
    {
        Func<string?, IInternalConfigRecord> record = WebHost.Load(machine, path);
        foreach (string? part in places.Locations.Prepend<string?>(null))
            answer.Try(By, () =>
            {
                record(part).ThrowIfInitErrors();
                foreach (string section in places.Asked)
                    answer.Try(By, () => record(part).GetSection(section));
            });
        answer.Try(By, () =>
        {
            var settings = (NameValueCollection)record(null).GetSection("appSettings");
            answer["settings"] = Table(settings.AllKeys, key => key!, key => settings[key]);
        });
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new(texts.Select(one => (JsonNode)one).ToArray());

    private static JsonObject Table<T>(IEnumerable<T> items, Func<T, string> key, Func<T, string?> value)
    {
        var table = new JsonObject();
        foreach (T item in items)
            table[key(item)] = value(item);
        return table;
    }

    /// <summary>
    /// The sections of a file; of them those to ask for, and those whose type is not on this machine: nobody can ask for these. For a
    /// section that is ignored nobody asks: having been asked for, it must not come twice, as it may on Windows.
    /// </summary>
    private sealed record Places(List<string> Sections, List<string> Asked, List<string> Unread, List<string> Locations);

    private Places? Look(string path)
    {
        var places = new Places(new(), new(), new(), new());
        XElement root;
        try
        {
            root = XDocument.Load(path).Root!;
        }
        catch (XmlException)
        {
            return null; // System.Configuration says it too
        }
        var declared = new Dictionary<string, string?>(declaredByMachine);
        foreach (XElement declarations in Children(root, "configSections"))
            Declare(declarations, "", declared);
        Walk(root, "");
        foreach (XElement location in Children(root, "location"))
        {
            Walk(location, "");
            if ((string?)location.Attribute("path") is { } part && part is not ("" or ".") && !places.Locations.Contains(part))
                places.Locations.Add(part);
        }
        return places;

        void Walk(XElement parent, string above)
        {
            foreach (XElement child in parent.Elements())
            {
                string name = above + child.Name.LocalName;
                if (name is "configSections" or "location")
                    continue;
                bool known = declared.TryGetValue(name, out string? type);
                if (known && type == null)
                    Walk(child, name + "/");
                else if (!places.Sections.Contains(name))
                    Add(name, type);
            }
        }

        void Add(string section, string? type)
        {
            places.Sections.Add(section);
            if (type != null && !IsHere(type))
                places.Unread.Add(section);
            else if (type?.Contains(typeof(IgnoreSection).FullName!) != true)
                places.Asked.Add(section);
        }
    }

    /// <summary>Paths of sections with their types, and of groups with none.</summary>
    private static void Declare(XElement? declarations, string above, Dictionary<string, string?> declared)
    {
        foreach (XElement one in declarations?.Elements() ?? [])
        {
            string? name = (string?)one.Attribute("name");
            if (one.Name.LocalName == "sectionGroup")
            {
                declared[above + name] = null;
                Declare(one, above + name + "/", declared);
            }
            else if (one.Name.LocalName == "section")
            {
                declared[above + name] = (string?)one.Attribute("type") ?? "";
            }
        }
    }

    private static IEnumerable<XElement> Children(XElement parent, string name) => parent.Elements().Where(one => one.Name.LocalName == name);

    private static bool IsHere(string type)
    {
        try
        {
            return (Type.GetType(type) ?? typeof(ConfigurationManager).Assembly.GetType(type)) != null;
        }
        catch (Exception)
        {
            return false; // a name that is none: it is refused when the declarations are read
        }
    }
}
