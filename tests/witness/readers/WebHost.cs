// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
using System;
using System.Configuration;
using System.Configuration.Internal;

/// <summary>
/// Loads a file as ASP.NET does: strictly, and with what it says about parts of the site in `location`. The host that .NET has for
/// programs skips a location that has a path.
/// </summary>
public sealed class WebHost : DelegatingConfigHost
{
    private const string Machine = "MACHINE";
    private const string Site = Machine + "/SITE";
    private string machineFile = "";
    private string siteFile = "";

    public override bool SupportsLocation => true;

    /// <summary>Gives the records of a file: with null the one for the whole site, with a path that of a part of it.</summary>
    public static Func<string?, IInternalConfigRecord> Load(string machine, string path)
    {
        // A hierarchy for each file: what was asked for once decides what the next file may have twice.
        var system = (IConfigSystem)Internal("ConfigSystem");
        system.Init(typeof(WebHost), machine, path);
        return part => system.Root.GetConfigRecord(part == null ? Site : Site + "/" + part);
    }

    /// <summary>ConfigSystem and InternalConfigHost are internal; the interfaces by which they are used are not.</summary>
    private static object Internal(string name) => Activator.CreateInstance(
        typeof(ConfigurationManager).Assembly.GetType("System.Configuration.Internal." + name, throwOnError: true)!, nonPublic: true)!;

    public override void Init(IInternalConfigRoot configRoot, params object[] hostInitParams)
    {
        (machineFile, siteFile) = ((string)hostInitParams[0], (string)hostInitParams[1]);
        Host = (IInternalConfigHost)Internal("InternalConfigHost");
        Host.Init(configRoot, hostInitParams);
    }

    // A part of the site has no file of its own.
    public override string GetStreamName(string configPath) => configPath switch { Machine => machineFile, Site => siteFile, _ => null! };

    public override bool IsConfigRecordRequired(string configPath) => true;

    public override bool IsAboveApplication(string configPath) => configPath == Machine;

    public override bool IsLocationApplicable(string configPath) => true;

    public override string GetConfigPathFromLocationSubPath(string configPath, string locationSubPath) => configPath + "/" + locationSubPath;

    public override bool IsTrustedConfigPath(string configPath) => true;

    // Its text is the path of the application: locations that are not below it are skipped.
    public override object CreateConfigurationContext(string configPath, string locationSubPath) => Site;

    public override object CreateDeprecatedConfigContext(string configPath) => null!;
}
