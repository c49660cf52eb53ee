# A script runner for Countersign: one request on standard input, one answer on standard output.
# The contract, and how to set it up: docs/steps/powershell.md.

$ErrorActionPreference = 'Stop'
[Console]::InputEncoding = [Console]::OutputEncoding = [System.Text.UTF8Encoding]::new($false)

# What a script of a definition may use, in constrained language mode: the listed cmdlets and nothing else.
function New-LimitedState([string[]] $Cmdlets) {
    $state = [System.Management.Automation.Runspaces.InitialSessionState]::Create()
    $state.LanguageMode = [System.Management.Automation.PSLanguageMode]::ConstrainedLanguage
    foreach ($name in $Cmdlets) {
        # One that this system does not have (ConvertFrom-SddlString on Linux) is simply not there.
        $found = Get-Command -Name $name -CommandType Cmdlet -ErrorAction Ignore
        if ($found) {
            $state.Commands.Add(
                [System.Management.Automation.Runspaces.SessionStateCmdletEntry]::new(
                    $name, $found.ImplementingType, $null))
        }
    }
    $state
}

# A stored script runs without limits; who may store one is a permission of Countersign.
function New-State($Cmdlets) {
    if ($null -ne $Cmdlets) { $state = New-LimitedState $Cmdlets }
    else { $state = [System.Management.Automation.Runspaces.InitialSessionState]::CreateDefault2() }
    $state.Variables.Add(
        [System.Management.Automation.Runspaces.SessionStateVariableEntry]::new(
            'ErrorActionPreference', 'Stop', 'Every error ends the script.'))
    $state
}

function Invoke-Request($Request) {
    $shell = [powershell]::Create((New-State $Request.AllowedCmdlets))
    [void] $shell.AddScript($Request.Script)
    foreach ($name in $Request.Parameters.Keys) {
        [void] $shell.AddParameter($name, $Request.Parameters[$name])
    }
    $returned = @($shell.Invoke() | Where-Object { $null -ne $_ })
    if ($returned.Count -eq 0) { return @{ Result = @{} } }
    if ($returned.Count -ne 1 -or $returned[0].BaseObject -isnot [System.Collections.IDictionary]) {
        return @{ Error = 'The script must return one hashtable.' }
    }
    @{ Result = $returned[0].BaseObject }
}

# The whole text, with the place of the error where PowerShell names one.
function Get-ErrorText($Failure) {
    $cause = $Failure.Exception
    while ($cause.InnerException) { $cause = $cause.InnerException }
    $place = $cause.ErrorRecord.InvocationInfo.PositionMessage
    (@($place, $cause.Message) | Where-Object { $_ }) -join "`n"
}

try { $answer = Invoke-Request ([Console]::In.ReadToEnd() | ConvertFrom-Json -AsHashtable) }
catch { $answer = @{ Error = Get-ErrorText $_ } }
[Console]::Out.Write(($answer | ConvertTo-Json -Depth 32 -Compress -WarningAction Ignore))
