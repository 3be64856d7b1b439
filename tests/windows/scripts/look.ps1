# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# A second witness: what Windows itself says, without the collection's agent. ASCII only, for Windows PowerShell 5.1.
param([Parameter(Mandatory = $true)][string]$Arguments)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$asked = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($Arguments)) | ConvertFrom-Json

function Get-LinkFacts([string[]]$Paths) {
    foreach ($path in $Paths) {
        $item = Get-Item -LiteralPath $path -Force -ErrorAction SilentlyContinue
        @{
            path = $path
            exists = $null -ne $item
            type = if ($item) { [string]$item.LinkType } else { '' }
            target = if ($item) { [string](@($item.Target)[0]) } else { '' }
            directory = [bool]($item -and ($item.Attributes -band [IO.FileAttributes]::Directory))
        }
    }
}

function Get-IisStates {
    Add-Type -LiteralPath "$env:SystemRoot\System32\inetsrv\Microsoft.Web.Administration.dll"
    $manager = New-Object Microsoft.Web.Administration.ServerManager
    try {
        $sites = @{}
        foreach ($site in $manager.Sites) { $sites[$site.Name] = try { [string]$site.State } catch { 'Unknown' } }
        $pools = @{}
        foreach ($pool in $manager.ApplicationPools) { $pools[$pool.Name] = [string]$pool.State }
        @{ sites = $sites; pools = $pools }
    } finally {
        $manager.Dispose()
    }
}

function Get-RegistryValues([string]$Key, [string]$Name) {
    $values = @{}
    foreach ($view in 'Registry64', 'Registry32') {
        $hive = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', $view)
        $opened = $hive.OpenSubKey($Key)
        $values[$view.Substring(8)] = if ($opened) { $opened.GetValue($Name) } else { $null }
        $hive.Close()
    }
    $values
}

function Get-ExitCode([string[]]$Command) {
    $null = & "$env:SystemRoot\System32\inetsrv\appcmd.exe" $Command
    $LASTEXITCODE
}

$answer = switch ($asked.what) {
    'shell' { @{ version = [string]$PSVersionTable.PSVersion; edition = $PSVersionTable.PSEdition; culture = (Get-Culture).Name
                 os = [string][Environment]::OSVersion.Version
                 framework = (Get-ItemProperty 'HKLM:\SOFTWARE\Microsoft\NET Framework Setup\NDP\v4\Full').Release } }
    'appcmd' { $codes = @{}; foreach ($try in $asked.tries) { $codes[$try.name] = Get-ExitCode @($try.command) }; $codes }
    'links' { @{ items = @(Get-LinkFacts $asked.paths) } }
    'iis' { Get-IisStates }
    'security' { $acl = Get-Acl -LiteralPath $asked.path; @{ owner = $acl.Owner; sddl = $acl.Sddl } }
    # The prefix switches the rules for long paths on.
    'bytes' { @{ hex = [BitConverter]::ToString([IO.File]::ReadAllBytes('\\?\' + $asked.path)) } }
    'exists' { @{ exists = [IO.File]::Exists('\\?\' + $asked.path) -or [IO.Directory]::Exists('\\?\' + $asked.path) } }
    'registry' { Get-RegistryValues $asked.key $asked.name }
    'volume' { @{ free = (New-Object IO.DriveInfo $asked.drive).AvailableFreeSpace } }
    # Through cmd: 5.1 takes a redirected line on stderr for a terminating error.
    'task' { & "$env:SystemRoot\System32\cmd.exe" /d /c "schtasks.exe /Query /TN `"$($asked.name)`" >nul 2>&1"; @{ exit_code = $LASTEXITCODE } }
    'page' { $page = Invoke-WebRequest -UseBasicParsing -TimeoutSec 60 -Uri $asked.url; @{ status = [int]$page.StatusCode; body = $page.Content } }
    'text' { @{ text = [IO.File]::ReadAllText($asked.path, [Text.Encoding]::UTF8) } }
    default { throw "look.ps1 knows no '$($asked.what)'" }
}
[Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes((ConvertTo-Json -InputObject $answer -Depth 6 -Compress)))
exit 0 # or Ansible takes the exit code of the program that was called last
