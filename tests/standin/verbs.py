# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a person or a test can ask of a running host over its control port, beside the programs of Windows."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .control import Answer

if TYPE_CHECKING:
    from .host import Host

HELP = {
    "status": "                             what runs: sites, pools, workers, products",
    "reboot": "[SECONDS DOWN]               power off and on again",
    "winrm": "restart                       WinRM alone restarts; what runs in its shells ends",
    "login": "INSTANCE                      an administrator logs in, which ends the service mode and the waiting for Next",
    "backup": "INSTANCE [AGE IN HOURS]      the product makes a backup of itself (.cdbbz)",
    "pool": "POOL NAME=VALUE …              how a pool behaves: stop_seconds=5 never_stops=true orphans=true",
    "iis": "NAME=VALUE …                    how IIS behaves: stop_blocks=false stopped_site_answers=404 failing_reads=1",
    "product": "INSTANCE NAME=VALUE …       how an instance behaves: failing_versions=5.0.24055.0 service_mode=false",
    "settings": 'NAME=VALUE …               of the host: administrator=false free_bytes={"c":1000000}',
    "fault": "POINT NAME=VALUE … | clear    a fault of the agent's calls: fault create_link win32=1314",
    "tool": "open | close                   somebody has the Administration Tool open",
}


def run_verb(host: Host, verb: str, arguments: list[str]) -> Answer:
    """Do what a verb says; a wrong one answers 1 with the help."""
    if verb not in HELP:
        return Answer.error(f"{verb!r} is not one of {', '.join(HELP)}\n")
    try:
        return Answer.text(_act(host, verb, arguments) + "\n")
    except (ValueError, KeyError, IndexError, RuntimeError) as error:
        reason = error.args[0] if error.args else error
        return Answer.error(f"{reason}\nusage: {verb} {HELP[verb].strip()}\n")


def _act(host: Host, verb: str, arguments: list[str]) -> str:
    verbs: dict[str, Callable[[Host, list[str]], str]] = {
        "status": _status,
        "reboot": _reboot,
        "winrm": _winrm,
        "login": _login,
        "backup": _backup,
        "pool": _pool,
        "iis": lambda host, arguments: _set(host.behaviour, arguments),
        "product": lambda host, arguments: _set(host.product_behaviour(arguments[0]), arguments[1:]),
        "settings": _settings,
        "fault": _fault,
        "tool": _tool,
    }
    return verbs[verb](host, arguments)


def _reboot(host: Host, arguments: list[str]) -> str:
    host.reboot(float(arguments[0]) if arguments else 0)
    return f"{host.name} was rebooted"


def _winrm(host: Host, arguments: list[str]) -> str:
    if arguments != ["restart"]:
        raise ValueError(f"WinRM can restart, and nothing else; wanted was {' '.join(arguments) or 'nothing'}")
    host.restart_winrm()
    return f"WinRM of {host.name} was restarted"


def _login(host: Host, arguments: list[str]) -> str:
    host.login(arguments[0])
    return f"an administrator logged in to {arguments[0]}"


def _backup(host: Host, arguments: list[str]) -> str:
    age_hours = float(arguments[1]) if len(arguments) > 1 else 0
    return f"made {host.product_backup(arguments[0], age_hours)}"


def _pool(host: Host, arguments: list[str]) -> str:
    if host.iis.configuration.pool(arguments[0]) is None:
        raise KeyError(f"{host.name} has no pool {arguments[0]!r}")
    return _set(host.pool_behaviour(arguments[0]), arguments[1:])


def _settings(host: Host, arguments: list[str]) -> str:
    host.set(**dict(map(_pair, arguments)))
    return "set"


def _status(host: Host, arguments: list[str]) -> str:
    iis = host.iis
    status = {
        "host": host.name,
        "boot": host.boot_id,
        "sites": {site.name: iis.site_state(site.name) for site in iis.configuration.sites},
        "pools": {pool.name: iis.pool_state(pool.name) for pool in iis.configuration.pools},
        "workers": {worker.pid: worker.pool for worker in iis.pools.workers()},
        "instances": {one.name: _product(host, one.name) for one in host.description.instances},
        "tasks": host.scheduler.names(),
    }
    return json.dumps(status, ensure_ascii=False, indent=1)


def _product(host: Host, name: str) -> dict[str, Any]:
    product = host.product(name)
    state = {"state": product.state, "version": product.version, "failure": product.failure} if product else {}
    return {"url": host.url(name), **state}


def _tool(host: Host, arguments: list[str]) -> str:
    if arguments == ["open"]:
        return f"the Administration Tool runs as process {host.run_administration_tool().pid}"
    for process in host.processes.all():
        if process.session != "Services":
            host.processes.end(process.pid)
    return "the Administration Tool is closed"


def _fault(host: Host, arguments: list[str]) -> str:
    if arguments[0] == "clear":
        host.clear_faults()
        return "no faults"
    host.add_fault(arguments[0], **dict(map(_pair, arguments[1:])))
    return f"a fault waits at {arguments[0]}"


def _set(behaviour: object, arguments: list[str]) -> str:
    for name, value in map(_pair, arguments):
        if not hasattr(behaviour, name):
            raise ValueError(f"there is no {name!r}; there are: {', '.join(vars(behaviour))}")
        setattr(behaviour, name, value)
    return ", ".join(f"{name}={value}" for name, value in vars(behaviour).items())


def _pair(text: str) -> tuple[str, Any]:
    """`name=value`; the value is JSON, or a comma-separated list for names in the plural, or text."""
    name, separator, value = text.partition("=")
    if not separator:
        raise ValueError(f"{text!r} is not NAME=VALUE")
    if name.endswith("_versions"):
        return name, [version for version in value.split(",") if version]
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
