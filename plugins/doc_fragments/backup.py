# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Options of every module that makes backup sets: BACKUP_OPTIONS in plugin_utils/action_base.py."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragment comindware.platform.backup"""

    DOCUMENTATION = r"""
options:
  backup_rehearse:
    description:
      - What of a new backup set is restored on trial, into a folder beside it, and compared with the manifest. Only then the set counts;
        one that fails is marked unusable, and so fails the task.
      - V(sample) takes of every folder the smallest and the largest file, a link of each kind, and up to 200 files of 64 MB together. The
        same folder has the same sample.
      - V(whole) needs as much free space again as the largest folder, for as long as it lasts.
    type: str
    choices:
      - none
      - sample
      - whole
    default: sample
  backup_keep:
    description:
      - How many good backup sets of the instance are kept; older ones are removed when everything else is done. V(0) keeps all.
      - Never removed are the set that was just made, those that the way back from the present version needs (of the transactions that led
        to it), sets that are still being made, and folders that are no sets.
      - A failed removal is a warning.
    type: int
    default: 0
  backup_copy_to:
    description:
      - A share or a folder that gets a second copy of the set, in C(MACHINE\BRAND\INSTANCE\SET) below it, read back and compared with the
        manifest.
      - The task itself makes it, under the account and the logon of the connection. WinRM gives a network logon, which cannot go on to
        another server (the double hop). Use C(become) with C(become_method=runas) and the password of the account, CredSSP, or Kerberos
        with delegation. Whether a file can be made there is tried before anything is stopped (not in check mode).
      - Everybody who may read the share can read the secrets in the configuration.
    type: str
"""
