# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Options of every module whose change is judged: JUDGING_OPTIONS in plugin_utils/judged.py."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragment comindware.platform.judging"""

    DOCUMENTATION = r"""
options:
  health_timeout:
    description: Seconds until there must be a verdict; the first start may upgrade the data.
    type: int
    default: 1800
  health_stable:
    description: Seconds for which a good verdict must hold.
    type: int
    default: 20
  health_interval:
    description: Seconds between two looks.
    type: int
    default: 5
  page_timeout:
    description: Seconds for a page of the instance to answer.
    type: int
    default: 20
  validate_certs:
    description:
      - Whether the certificate of an https binding is looked at. One that was right before the change must be right after it; one that
        was wrong before is reported and does not matter.
    type: bool
    default: true
  data_upgrade_timeout:
    description:
      - Seconds to wait for a data upgrade that is still at work when O(health_timeout) is over. It is at work as long as its logs change.
      - When it is through, the start behind it has the usual time once more.
    type: int
    default: 14400
  data_upgrade_quiet:
    description: Seconds without a change of its logs after which a data upgrade is not at work any more.
    type: int
    default: 120
  unknown_verdict:
    description:
      - What to do when no verdict was possible in time. V(hold) leaves the new version running; the host still rolls back by itself at
        its deadline, which is at most ten minutes after the task has ended. The time between is for looking at it, and for a decision
        with M(comindware.platform.instance_recover).
      - Past a point of no return the new version is left running in any case.
    type: str
    choices:
      - rollback
      - hold
    default: rollback
"""
