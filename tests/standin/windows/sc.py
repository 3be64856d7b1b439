# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The command line of sc.exe: exit codes are Win32 codes, texts are in English only."""

from __future__ import annotations

from collections.abc import Callable

from ..control import Answer
from .appcmd import Settings
from .services import AUTOMATIC, DISABLED, MANUAL, Service, Services
from .win32 import ACCESS_DENIED, INVALID_PARAMETER, Win32Error

_STATES = {"STOPPED": 1, "STOP_PENDING": 3, "RUNNING": 4}
_START_TYPES = {"auto": AUTOMATIC, "demand": MANUAL, "disabled": DISABLED}
_START_NAMES = {AUTOMATIC: "AUTO_START", MANUAL: "DEMAND_START", DISABLED: "DISABLED"}


class Sc:
    """`query`, `queryex`, `qc`, `start`, `stop`, `config NAME start= auto|demand|disabled`."""

    def __init__(self, services: Services, settings: Callable[[], Settings]) -> None:
        self._services = services
        self._settings = settings

    def run(self, arguments: list[str]) -> Answer:
        verb, *rest = [*arguments, ""]
        name = rest[0]
        try:
            if verb in ("query", "queryex") and (not name or name.endswith("=")):
                found = [service for service in self._services.all() if service.state != "STOPPED" or "all" in rest]
                return Answer.text("".join(_status(service, verb == "queryex") for service in found))
            if verb in ("query", "queryex"):
                return Answer.text(_status(self._services.get(name), verb == "queryex"))
            if verb == "qc":
                return Answer.text(self._configuration(self._services.get(name)))
            return self._change(verb, name, rest[1:])
        except Win32Error as error:
            label = {
                "query": "EnumQueryServicesStatus:OpenService",
                "queryex": "EnumQueryServicesStatus:OpenService",
                "start": "StartService",
                "stop": "ControlService",
            }.get(verb, "OpenService")
            return Answer.text(f"[SC] {label} FAILED {error.code}:\r\n\r\n{error.text('en')}\r\n\r\n", error.code)

    def _change(self, verb: str, name: str, options: list[str]) -> Answer:
        if not self._settings().administrator:
            raise Win32Error(ACCESS_DENIED)
        if verb in ("start", "stop"):
            getattr(self._services, verb)(name)
            return Answer.text(_status(self._services.get(name), verb == "start"))
        words = [word for option in options for word in option.replace("=", "= ").split()]
        if verb != "config" or words[:1] != ["start="] or words[1:2] == [] or words[1] not in _START_TYPES:
            raise Win32Error(INVALID_PARAMETER)
        self._services.configure(name, _START_TYPES[words[1]])
        return Answer.text("[SC] ChangeServiceConfig SUCCESS\r\n")

    def _configuration(self, service: Service) -> str:
        start = self._services.start_type(service.name)
        return (
            "[SC] QueryServiceConfig SUCCESS\r\n\r\n"
            f"SERVICE_NAME: {service.name}\r\n"
            "        TYPE               : 10  WIN32_OWN_PROCESS \r\n"
            f"        START_TYPE         : {start}   {_START_NAMES[start]}\r\n"
            "        ERROR_CONTROL      : 1   NORMAL\r\n"
            f"        BINARY_PATH_NAME   : {service.image_path}\r\n"
            f"        DISPLAY_NAME       : {service.display_name}\r\n"
            "        SERVICE_START_NAME : LocalSystem\r\n"
        )


def _status(service: Service, extended: bool) -> str:
    accepted = (
        "(STOPPABLE, NOT_PAUSABLE, ACCEPTS_SHUTDOWN)"
        if service.state == "RUNNING"
        else "(NOT_STOPPABLE, NOT_PAUSABLE, IGNORES_SHUTDOWN)"
    )
    text = (
        f"\r\nSERVICE_NAME: {service.name}\r\nDISPLAY_NAME: {service.display_name}\r\n"
        "        TYPE               : 10  WIN32_OWN_PROCESS  \r\n"
        f"        STATE              : {_STATES[service.state]}  {service.state} \r\n"
        f"                                {accepted}\r\n"
        "        WIN32_EXIT_CODE    : 0  (0x0)\r\n        SERVICE_EXIT_CODE  : 0  (0x0)\r\n"
        "        CHECKPOINT         : 0x0\r\n        WAIT_HINT          : 0x0\r\n"
    )
    return text + (
        f"        PID                : {service.pid}\r\n        FLAGS              : \r\n" if extended else ""
    )
