# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# Makes what a check needs on the host. ASCII only, for Windows PowerShell 5.1.
param([Parameter(Mandatory = $true)][string]$Arguments)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$wish = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($Arguments)) | ConvertFrom-Json

# Created through WMI, the process is no child of the WinRM shell and outlives this script.
function Start-Holder([string]$Path, [int]$Seconds) {
    $hold = "`$f = [IO.File]::Open('$Path', 'Open', 'Read', 'None'); Start-Sleep $Seconds; `$f.Close()"
    $encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($hold))
    $made = Invoke-CimMethod -ClassName Win32_Process -MethodName Create -Arguments @{
        CommandLine = "powershell.exe -NoProfile -NonInteractive -EncodedCommand $encoded"
    }
    if ($made.ReturnValue -ne 0) { throw "the holder was not started: Win32_Process.Create answered $($made.ReturnValue)" }
    $end = (Get-Date).AddSeconds(30)
    do {
        Start-Sleep -Milliseconds 300
        $held = try { [IO.File]::Open($Path, 'Open', 'Read', 'ReadWrite').Close(); $false } catch [IO.IOException] { $true }
    } until ($held -or (Get-Date) -gt $end)
    if (-not $held) { throw "the holder $($made.ProcessId) did not open '$Path'" }
    @{ pid = $made.ProcessId }
}

function New-Pool([string]$Name) {
    $appcmd = "$env:SystemRoot\System32\inetsrv\appcmd.exe"
    $null = & $appcmd list apppool $Name
    if ($LASTEXITCODE -ne 0) {
        $output = & $appcmd add apppool "/name:$Name"
        if ($LASTEXITCODE -ne 0) { throw "appcmd add apppool answered ${LASTEXITCODE}: $output" }
    }
    @{ pool = $Name }
}

function New-Junction([string]$Path, [string]$Target) {
    $null = New-Item -ItemType Directory -Force -Path $Target
    $null = New-Item -ItemType Junction -Path $Path -Value $Target
    if (-not ((Get-Item -LiteralPath $Path -Force).Attributes -band [IO.FileAttributes]::ReparsePoint)) { throw "'$Path' is no junction." }
    @{ path = $Path }
}

function Set-OddSecurity([string]$Path) {
    $acl = New-Object Security.AccessControl.FileSecurity
    $acl.SetSecurityDescriptorSddlForm('O:SYD:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FR;;;LS)')
    # .NET asks for no privilege, and an owner other than oneself needs one: icacls enables it.
    & icacls.exe $Path /setowner '*S-1-5-18' | Out-Null
    if ($LASTEXITCODE -ne 0) { throw "icacls /setowner answered $LASTEXITCODE" }
    $access = New-Object Security.AccessControl.FileSecurity
    $access.SetSecurityDescriptorSddlForm($acl.Sddl, 'Access')
    [IO.File]::SetAccessControl($Path, $access)
    @{ path = $Path }
}

$answer = switch ($wish.what) {
    'folder' { $null = [IO.Directory]::CreateDirectory('\\?\' + $wish.path); @{ path = $wish.path } }
    'file' { [IO.File]::WriteAllBytes($wish.path, [Convert]::FromBase64String($wish.content)); @{ path = $wish.path } }
    'holder' { Start-Holder $wish.path $wish.seconds }
    'end' { Stop-Process -Id $wish.pid -Force; @{ pid = $wish.pid } }
    'pool' { New-Pool $wish.name }
    'junction' { New-Junction $wish.path $wish.target }
    'unlink' { if (Test-Path -LiteralPath $wish.path) { [IO.Directory]::Delete($wish.path, $false) }; @{ path = $wish.path } }
    'security' { Set-OddSecurity $wish.path }
    default { throw "make.ps1 knows no '$($wish.what)'" }
}
[Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes((ConvertTo-Json -InputObject $answer -Depth 6 -Compress)))
exit 0 # or Ansible takes the exit code of the program that was called last
