# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# Makes the dummy instance: version folders with an assembly each, a Config folder of links, an IIS site. ASCII only.
param([Parameter(Mandatory = $true)][string]$Arguments)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$wish = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($Arguments)) | ConvertFrom-Json
$utf8 = New-Object Text.UTF8Encoding $false
$root = $wish.root
$instance = Join-Path $root 'instance'
$site = "Comindware $($wish.instance)"
$yml = "$env:ProgramData\Comindware\configs\instance\$($wish.instance).yml"

# The application answers every request with its version. On its start it writes the version to the data, as a product
# does that upgrades them, and the start-up record to the log. The broken version fails after the first of the two.
$application = @'
<%@ Application Language="C#" %>
<%@ Import Namespace="System.IO" %>
<script runat="server">
    static string Version { get { return typeof(Acceptance.Core).Assembly.GetName().Version.ToString(); } }

    void Application_Start(object sender, EventArgs e)
    {
        string home = Path.GetDirectoryName(Server.MapPath("~").TrimEnd('\\'));
        File.WriteAllText(Path.Combine(home, @"Database\version.txt"), Version);
        if (Acceptance.Core.Broken)
            throw new InvalidOperationException("This version does not start.");
        DateTime now = DateTime.Now;
        File.AppendAllText(Path.Combine(home, @"Logs\system_" + now.ToString("yyyy-MM-dd") + ".log"),
            now.ToString("yyyy-MM-dd HH:mm:ss,fff", System.Globalization.CultureInfo.InvariantCulture)
            + " INFO Comindware Platform has started.\r\nVersion: " + Version + "\r\n");
    }

    void Application_BeginRequest(object sender, EventArgs e)
    {
        Response.ContentType = "text/plain";
        Response.Write("acceptance " + Version);
        CompleteRequest();
    }
</script>
'@
$configuration = @'
<?xml version="1.0" encoding="utf-8"?>
<configuration>
  <system.web><compilation targetFramework="4.8" /><customErrors mode="Off" /></system.web>
  <system.webServer><modules runAllManagedModulesForAllRequests="true" /></system.webServer>
</configuration>
'@

function Invoke-Program([string]$Program, [string[]]$Options) {
    $output = & $Program $Options
    if ($LASTEXITCODE -ne 0) { throw "$Program $Options answered ${LASTEXITCODE}: $output" }
}

function New-Version([string]$Version, [bool]$Broken) {
    $folder = "$root\versions\$Version"
    $null = New-Item -ItemType Directory -Force -Path "$folder\bin", "$folder\data"
    $source = "$folder\Core.cs"
    $body = "public static class Core { public static readonly bool Broken = $($Broken.ToString().ToLowerInvariant()); }"
    $text = "using System.Reflection; [assembly: AssemblyVersion(`"$Version`")] [assembly: AssemblyFileVersion(`"$Version`")]"
    [IO.File]::WriteAllText($source, "$text namespace Acceptance { $body }", $utf8)
    Invoke-Program "$env:windir\Microsoft.NET\Framework64\v4.0.30319\csc.exe" `
        @('/nologo', '/target:library', "/out:$folder\bin\Comindware.Platform.Core.dll", $source)
    [IO.File]::WriteAllText("$folder\Global.asax", $application, $utf8)
    [IO.File]::WriteAllText("$folder\data\marker.txt", $Version, $utf8)
}

function New-Instance([string]$Version) {
    $null = New-Item -ItemType Directory -Force -Path "$root\scratch", "$instance\Config", "$instance\Database", "$instance\Streams", "$instance\Logs"
    foreach ($name in 'bin', 'data', 'Global.asax') {
        $link = "$instance\Config\$name"
        $null = New-Item -ItemType SymbolicLink -Path $link -Value "$root\versions\$Version\$name"
        if (-not (Test-Path -LiteralPath $link)) { throw "New-Item made no link '$link', and did not say so." }
    }
    [IO.File]::WriteAllText("$instance\Config\Web.config", $configuration, $utf8)
    [IO.File]::WriteAllText("$instance\Database\version.txt", $Version, $utf8)
    $null = New-Item -ItemType Directory -Force -Path (Split-Path $yml)
    [IO.File]::WriteAllLines($yml, @(
        "clusterName: $($wish.instance)", "version: $Version", "configPath: $instance\Config",
        "db.workDir: $instance\Database", "userStorage.localDisk.path: $instance\Streams"), $utf8)
}

function New-Site {
    $appcmd = "$env:SystemRoot\System32\inetsrv\appcmd.exe"
    Invoke-Program $appcmd @('add', 'apppool', "/name:$site", '/managedRuntimeVersion:v4.0')
    Invoke-Program icacls.exe @($root, '/grant', "IIS AppPool\${site}:(OI)(CI)M", '/T', '/L', '/Q')
    Invoke-Program $appcmd @('add', 'site', "/name:$site", "/bindings:http/*:$($wish.port):", "/physicalPath:$instance\Config")
    Invoke-Program $appcmd @('set', 'app', "$site/", "/applicationPool:$site")
}

if ((Test-Path -LiteralPath $root) -or (Test-Path -LiteralPath $yml)) {
    throw "There is '$root' or '$yml' already. Clean up first: ansible-playbook clean_up.yml"
}
foreach ($version in $wish.versions) { New-Version $version ($version -eq $wish.broken) }
New-Instance $wish.versions[0]
New-Site
[Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes((ConvertTo-Json @{ site = $site; yml = $yml } -Compress)))
exit 0 # or Ansible takes the exit code of the program that was called last
