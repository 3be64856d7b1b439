# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Windows services of a stand-in host."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from ..processes import ProcessTable
from .registry import ExpandString, Registry
from .win32 import (
    DEPENDENT_SERVICES_RUNNING,
    SERVICE_ALREADY_RUNNING,
    SERVICE_CANNOT_ACCEPT_CONTROL,
    SERVICE_DISABLED,
    SERVICE_DOES_NOT_EXIST,
    SERVICE_NOT_ACTIVE,
    Win32Error,
)

SERVICES_KEY = r"HKLM\SYSTEM\CurrentControlSet\Services"
AUTOMATIC, MANUAL, DISABLED = 2, 3, 4


@dataclass
class Service:
    """`image` is the process name in the task list, `holds` gives the Windows paths that it keeps open once started."""

    name: str
    display_name: str
    image_path: str
    image: str = "svchost.exe"
    holds: Callable[[], tuple[str, ...]] = tuple
    depends_on: tuple[str, ...] = ()
    start: int = AUTOMATIC
    stop_seconds: float = 0.1
    state: str = "STOPPED"
    pid: int = 0


class Services:
    """Start types live in the registry, as on Windows; states are `RUNNING`, `STOPPED` and `STOP_PENDING`."""

    def __init__(self, registry: Registry, processes: ProcessTable) -> None:
        self._registry = registry
        self._processes = processes
        self._services: dict[str, Service] = {}
        self._lock = threading.RLock()
        self.changed: Callable[[Service], None] = lambda service: None

    def add(self, service: Service) -> None:
        """Make a service known; its registry key is written if it is new."""
        self._services[service.name.casefold()] = service
        if self._registry.read(self._key(service.name)) is None:
            self._registry.write(
                self._key(service.name),
                {
                    "DisplayName": service.display_name,
                    "ImagePath": ExpandString(service.image_path),
                    "ObjectName": "LocalSystem",
                    "Start": service.start,
                    "Type": 0x10,
                    "ErrorControl": 1,
                    **({"DependOnService": list(service.depends_on)} if service.depends_on else {}),
                },
            )

    def all(self) -> list[Service]:
        return list(self._services.values())

    def get(self, name: str) -> Service:
        service = self._services.get(name.casefold())
        if service is None:
            raise Win32Error(SERVICE_DOES_NOT_EXIST)
        return service

    def running(self, name: str) -> bool:
        return self.get(name).state == "RUNNING"

    def start_type(self, name: str) -> int:
        value = self._registry.value(self._key(name), "Start")
        return value if isinstance(value, int) else DISABLED

    def configure(self, name: str, start: int) -> None:
        self._registry.write(self._key(self.get(name).name), {"Start": start})

    def start(self, name: str) -> None:
        with self._lock:
            service = self.get(name)
            if service.state == "RUNNING":
                raise Win32Error(SERVICE_ALREADY_RUNNING)
            if service.state != "STOPPED":
                raise Win32Error(SERVICE_CANNOT_ACCEPT_CONTROL)
            if self.start_type(name) == DISABLED:
                raise Win32Error(SERVICE_DISABLED)
            for needed in service.depends_on:
                if self.get(needed).state == "STOPPED":
                    self.start(needed)
            service.pid = self._processes.add(service.image, service.holds()).pid
            service.state = "RUNNING"
        self.changed(service)

    def stop(self, name: str) -> None:
        """Returns while the service is still STOP_PENDING, as `sc stop` does."""
        with self._lock:
            service = self.get(name)
            if service.state == "STOPPED":
                raise Win32Error(SERVICE_NOT_ACTIVE)
            if service.state == "STOP_PENDING":
                raise Win32Error(SERVICE_CANNOT_ACCEPT_CONTROL)
            if any(
                name.casefold() in map(str.casefold, other.depends_on) and other.state != "STOPPED"
                for other in self.all()
            ):
                raise Win32Error(DEPENDENT_SERVICES_RUNNING)
            service.state = "STOP_PENDING"
            timer = threading.Timer(service.stop_seconds, self._stopped, (service, service.pid))
            timer.daemon = True
            timer.start()
        self.changed(service)

    def boot(self) -> None:
        for service in self.all():
            if service.state == "STOPPED" and self.start_type(service.name) == AUTOMATIC:
                self.start(service.name)

    def power_off(self) -> None:
        with self._lock:
            for service in self.all():
                self._processes.end(service.pid)
                service.state, service.pid = "STOPPED", 0

    def _stopped(self, service: Service, pid: int) -> None:
        with self._lock:
            if service.pid == pid and service.state == "STOP_PENDING":
                self._processes.end(pid)
                service.state, service.pid = "STOPPED", 0

    @staticmethod
    def _key(name: str) -> str:
        return f"{SERVICES_KEY}\\{name}"
