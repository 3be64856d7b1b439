#!powershell

# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

#AnsibleRequires -CSharpUtil Ansible.Basic
#AnsibleRequires -CSharpUtil ..module_utils._Agent

$spec = @{
    options = @{
        request = @{ type = 'str'; required = $true; no_log = $true }
    }
    supports_check_mode = $true
}
$module = [Ansible.Basic.AnsibleModule]::Create($args, $spec)

# The agent answers every failure as data. Its plain queries change nothing, so check mode needs no branch here.
$module.Result.answer = [ansible_collections.comindware.platform.plugins.module_utils._Agent.Agent]::Run($module.Params.request)
$module.ExitJson()
