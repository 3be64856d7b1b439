# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Options of every module that changes an instance: CHANGE_OPTIONS in plugin_utils/action_base.py."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragment comindware.platform.change"""

    DOCUMENTATION = r"""
options:
  facts:
    description:
      - The C(facts) that M(comindware.platform.instance_info) returned earlier in the same run; saves one inspection of the host.
      - M(comindware.platform.instance_state) always looks for itself.
      - The host compares the fingerprint in them with its own state before anything is touched, and refuses when something has
        changed since that matters to the plan.
      - They must have been gathered with the same O(backup_root) and O(versions_folders), and with sizes where a backup is made.
    type: dict
  run_id:
    description:
      - A name for the whole run, kept in the journal of the host with every transaction.
    type: str
  stop_timeout:
    description:
      - Seconds to wait for the site, a pool with all its worker processes, or a service to stop.
      - The product allows itself 300 seconds to shut down.
    type: int
    default: 420
  start_timeout:
    description:
      - Seconds to wait for the site, a pool or a service to start.
    type: int
    default: 180
  release_timeout:
    description:
      - Seconds to wait for other processes to let go of files in the configuration and database folders.
    type: int
    default: 120
  reconnect_timeout:
    description:
      - Seconds for which a host is asked again whose connection broke while it was at work. It goes on by itself meanwhile, and goes back
        by itself ten minutes after the last word from the controller, so that with the default it can still tell how it ended.
    type: int
    default: 660
"""
