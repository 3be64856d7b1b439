# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# Takes away what the acceptance run has made, but not the agent's own folder. ASCII only.
param([Parameter(Mandatory = $true)][string]$Arguments)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$wish = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($Arguments)) | ConvertFrom-Json
$removed = New-Object Collections.Generic.List[string]

# Links first and alone: nothing is ever deleted through one.
function Remove-Links([string]$Folder) {
    foreach ($item in Get-ChildItem -LiteralPath $Folder -Force) {
        $isLink = [bool]($item.Attributes -band [IO.FileAttributes]::ReparsePoint)
        if ($isLink -and $item.PSIsContainer) { [IO.Directory]::Delete($item.FullName, $false) }
        elseif ($isLink) { [IO.File]::Delete($item.FullName) }
        elseif ($item.PSIsContainer) { Remove-Links $item.FullName }
    }
}

Add-Type -LiteralPath "$env:SystemRoot\System32\inetsrv\Microsoft.Web.Administration.dll"
$manager = New-Object Microsoft.Web.Administration.ServerManager
foreach ($name in $wish.sites) {
    $site = $manager.Sites[$name]
    if ($site) { $manager.Sites.Remove($site); $removed.Add("site $name") }
}
foreach ($name in $wish.pools) {
    $pool = $manager.ApplicationPools[$name]
    if ($pool) { $manager.ApplicationPools.Remove($pool); $removed.Add("pool $name") }
}
$manager.CommitChanges()
$manager.Dispose()
Start-Sleep -Seconds 5 # for the worker process, which holds files

foreach ($folder in $wish.folders) {
    $path = [Environment]::ExpandEnvironmentVariables($folder)
    if (-not (Test-Path -LiteralPath $path)) { continue }
    if ((Get-Item -LiteralPath $path -Force).Attributes -band [IO.FileAttributes]::ReparsePoint) {
        [IO.Directory]::Delete($path, $false)
    } else {
        Remove-Links $path
        # The prefix allows the long paths that a check has made.
        [IO.Directory]::Delete('\\?\' + $path, $true)
    }
    $removed.Add($path)
}
foreach ($file in $wish.files) {
    $path = [Environment]::ExpandEnvironmentVariables($file)
    if (Test-Path -LiteralPath $path) { [IO.File]::Delete($path); $removed.Add($path) }
}
foreach ($view in 'Registry64', 'Registry32') {
    $hive = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', $view)
    $hive.DeleteSubKeyTree($wish.key, $false)
    $hive.Close()
}
[Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes((ConvertTo-Json @{ removed = @($removed) } -Compress)))
exit 0 # or Ansible takes the exit code of the program that was called last
