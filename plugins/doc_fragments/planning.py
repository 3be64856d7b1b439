# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Options of every module that plans an upgrade: PLAN_OPTIONS in plugin_utils/upgrade_action.py."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragment comindware.platform.planning"""

    DOCUMENTATION = r"""
options:
  name:
    description: Name of the instance.
    type: str
    required: true
  version:
    description: The version that it shall run. It must be installed on the host, and so must every stop on the way.
    type: str
    required: true
  backup_data:
    description:
      - Whether the database is copied while the instance is stopped.
      - Without it the host cannot bring the data back after the new version has upgraded it, and O(product_backup) is wanted.
    type: bool
    default: true
  backup_streams:
    description: Whether uploaded files are copied as well.
    type: bool
    default: false
  product_backup:
    description:
      - Whether the product itself has backed the instance up (a C(.cdbbz) file), or shall. Data are only upgraded with this, or with
        O(backup_data), which alone allows the host to go back by itself; from a backup of the product the data come back by hand.
      - V(existing) wants the newest C(.cdbbz) in the instance's backup folder to be good and young enough. The host reads it from end to
        end, compares the length and the CRC-32 of every entry, and looks for C(Database) in it; that takes as long as it is large.
      - V(session) has the product make one before each hop, while it runs, and waits until a new C(.cdbbz) has come to that folder, has
        stopped growing, and is good.
    type: str
    choices:
      - none
      - existing
      - session
    default: none
  product_backup_configuration:
    description: The id of the product's backup configuration that a session uses, such as V(backupConfig.1). It must write to that folder.
    type: str
    default: ''
  product_backup_max_age:
    description: Hours that an existing backup of the product may be old.
    type: int
    default: 24
  product_backup_timeout:
    description: Seconds for a session to give a good C(.cdbbz), and for the host to read one to its end. What takes longer is not proved.
    type: int
    default: 3600
  planned_bytes:
    description:
      - Bytes that the backups of other instances of the host need in the same run, by brand and name, as the C(space) of their plans says.
        The free space on the volume of O(backup_root) must do for all of them together.
    type: dict
    default: {}
  acknowledged:
    description:
      - Ids of notes of the policy that the operator has read and dealt with, for example V(adjust_applications). A plan names those that
        it wants.
      - For each site of others that runs in an application pool of the instance, and so is down as long, the plan wants
        C(stops_site:) with the name of the site, for example V(stops_site:Intranet).
    type: list
    elements: str
    default: []
  inputs:
    description:
      - What only the operator knows, by id, for example the V(search_index_prefix). A plan names those that it wants.
    type: dict
    default: {}
  configuration:
    description:
      - What to do about conflicts between the instance's configuration files and those of the new version.
      - An answer holds for every instance that has the conflict, so that a fleet of equal instances is answered once.
    type: list
    elements: dict
    default: []
    suboptions:
      file:
        description: Name of the file, V(instance.yml) for the instance's own yml.
        type: str
        required: true
      conflict:
        description:
          - V(stop) makes every conflict a blocker, V(ours) keeps what the instance has, V(theirs) takes what the new version has.
          - It also decides about a file whose pristine old form is not known.
        type: str
        choices:
          - stop
          - ours
          - theirs
        default: stop
      answers:
        description: Answers to single conflicts, V(ours) or V(theirs), by the id that the plan shows.
        type: dict
        default: {}
      src:
        description: A file on the controller that replaces the whole file; then neither O(configuration[].conflict) nor
          O(configuration[].answers) is given.
        type: path
  max_downtime:
    description: Minutes. A plan that expects a longer downtime in one run has a blocker.
    type: int
  restore_backup:
    description:
      - Name of a backup set of the instance that was made at O(version). Only with it may the version be older than the present one.
      - The configuration and the database come back from the set, and everything that was entered since is lost. The plan wants that
        to be acknowledged, as V(data_since_backup_is_lost) in O(acknowledged). The option C(accept_data_loss) of
        M(comindware.platform.instance_rollback) says the same.
    type: str
  approved:
    description:
      - File on the controller with a plan that M(comindware.platform.upgrade_plan) kept and somebody approved.
      - The task is refused unless the plan of now is that plan, made with the same options on a host that has not changed since; the
        message names what changed.
      - A plan of several hops stays good after the first ones were done. Not looked at when the instance is at the version already.
    type: path
  approved_sha256:
    description:
      - The same for a plan that M(comindware.platform.upgrade_plan) left on the host (C(keep_on_host)), by the C(sha256) of its result.
        Nothing of it has to lie on the controller.
      - An empty text means that plans were approved, but none of this instance; it is refused then.
    type: str
  language:
    description: The language of the sentences of the policy and of the report.
    type: str
    choices:
      - en
      - ru
    default: en
"""
