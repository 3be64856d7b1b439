# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Options of every module that inspects a host: INSPECTION_OPTIONS in plugin_utils/action_base.py."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragment comindware.platform.inspection"""

    DOCUMENTATION = r"""
options:
  backup_root:
    description:
      - Folder on the host that holds the backup sets, one folder per brand and instance.
      - It must lie on a local disk. It is created with access for administrators and SYSTEM only.
    type: str
    default: '%ProgramData%\comindware.platform\backups'
  versions_folders:
    description:
      - Folders on the host that hold product versions, besides C(%ProgramFiles%\Comindware\CBAP) and
        C(%ProgramFiles%\CMW Lab\CBAP).
    type: list
    elements: str
    default: []
  policy_files:
    description:
      - Files on the controller that add to or replace entries of the collection's upgrade policy (docs/policy.md). What they say of
        names of directives decides which values of configuration files leave the host.
    type: list
    elements: path
    default: []
  brand:
    description:
      - The brand of the product, where both have an instance of the same name on a host.
    type: str
    choices:
      - Comindware
      - CMW Lab
requirements:
  - An administrator account on the host.
  - Windows Server with IIS and .NET Framework 4.8.
notes:
  - Each call names the machine that was inspected, and another one that answers in its place refuses it (code V(other_machine)). So hosts
    behind one address, with ports of their own, are told apart in a loop with C(delegate_to) too.
"""
