# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""IIS at run time: sites, pools and the services behind them."""

from __future__ import annotations

import threading

from ..processes import ProcessTable
from .certificates import certificate_file
from .http_sys import HttpSys, Request, Response, http_sys_error
from .iis import Application, IisConfiguration, Site
from .pools import Launch, Pools
from .services import Services
from .win32 import (
    ALREADY_EXISTS,
    NOT_SUPPORTED,
    OBJECT_IDENTIFIER_INVALID,
    SERVICE_ALREADY_RUNNING,
    SERVICE_NOT_ACTIVE,
    SHARING_VIOLATION,
    Win32Error,
)
from .workers import IisBehaviour


class IisServer:
    """Starting and stopping acts on the run-time state only; autoStart and serverAutoStart decide at the next boot."""

    def __init__(
        self,
        configuration: IisConfiguration,
        behaviour: IisBehaviour,
        processes: ProcessTable,
        services: Services,
        launch: Launch,
    ) -> None:
        self.configuration = configuration
        self.behaviour = behaviour
        self.pools = Pools(configuration, behaviour, processes, launch)
        self._services = services
        self._folder = configuration.file.parent
        self._http = HttpSys(self._answer)
        self._started: set[str] = set()
        self._lock = threading.RLock()

    @property
    def available(self) -> bool:
        return self._services.running("WAS") and self._services.running("W3SVC")

    def site_state(self, name: str) -> str:
        if not self.available:
            return "Unknown"
        return "Started" if name.casefold() in self._started else "Stopped"

    def pool_state(self, name: str) -> str:
        return self.pools.state(name) if self.available else "Unknown"

    def start_site(self, name: str) -> None:
        self._demand_services()
        with self._lock:
            site = self._site(name)
            if name.casefold() in self._started:
                raise Win32Error(SERVICE_ALREADY_RUNNING)
            if site.root is None or self.configuration.pool(site.root.pool) is None:
                raise Win32Error(OBJECT_IDENTIFIER_INVALID)
            if any(set(site.bindings) & set(other.bindings) for other in self._started_sites()):
                raise Win32Error(ALREADY_EXISTS)
            self._started.add(name.casefold())
            try:
                self._listen()
            except OSError as error:
                self._started.discard(name.casefold())
                raise Win32Error(SHARING_VIOLATION) from error

    def stop_site(self, name: str) -> None:
        """Frees the bindings; worker processes go on and keep their files."""
        self._demand_services()
        with self._lock:
            self._site(name)
            if name.casefold() not in self._started:
                raise Win32Error(SERVICE_NOT_ACTIVE)
            self._started.discard(name.casefold())
            self._listen()

    def start_pool(self, name: str) -> None:
        self._demand_services()
        self.pools.start(name)

    def stop_pool(self, name: str) -> None:
        self._demand_services()
        self.pools.stop(name)

    def recycle_pool(self, name: str) -> None:
        self._demand_services()
        self.pools.recycle(name)

    def boot(self) -> list[str]:
        """The services start: what is to start by itself starts. A site that cannot stays stopped, as on Windows.

        Answers the names of sites whose port another process of this machine has.
        """
        self.pools.boot()
        taken = []
        for site in self.configuration.sites:
            if site.server_auto_start:
                try:
                    self.start_site(site.name)
                except Win32Error as error:
                    taken += [site.name] if error.code == SHARING_VIOLATION else []
        return taken

    def power_off(self) -> None:
        with self._lock:
            self._started.clear()
            self._http.listen({})
        self.pools.power_off()

    def _demand_services(self) -> None:
        if not self.available:
            raise Win32Error(NOT_SUPPORTED)

    def _site(self, name: str) -> Site:
        site = self.configuration.site(name)
        if site is None:
            raise Win32Error(OBJECT_IDENTIFIER_INVALID)
        return site

    def _started_sites(self) -> list[Site]:
        return [site for site in self.configuration.sites if site.name.casefold() in self._started]

    def _listen(self) -> None:
        listening = self._started_sites()
        if self.behaviour.stopped_site_answers is not None:
            listening = [site for site in self.configuration.sites if site.server_auto_start or site in listening]
        self._http.listen(
            {
                binding.port: certificate_file(self._folder, binding.port) if binding.protocol == "https" else None
                for site in listening
                for binding in site.web_bindings()
                if binding.port
            }
        )

    def _answer(self, request: Request) -> Response:
        application = self._route(request)
        if application is None:
            return (
                http_sys_error(503, "Service Unavailable")
                if self.behaviour.stopped_site_answers == 503
                else http_sys_error(404, "Not Found")
            )
        worker = self.pools.worker(application.pool)
        if worker is None:
            return http_sys_error(503, "Service Unavailable")
        return worker.workload.answer(request)

    def _route(self, request: Request) -> Application | None:
        with self._lock:
            found = [
                (binding.host, site)
                for site in self._started_sites()
                for binding in site.web_bindings()
                if binding.port == request.port and binding.host.casefold() in ("", request.host.casefold())
            ]
        if not found:
            return None
        site = max(found, key=lambda item: item[0] != "")[1]
        path = request.path.partition("?")[0].rstrip("/").casefold() + "/"
        matching = [one for one in site.applications if path.startswith(one.path.rstrip("/").casefold() + "/")]
        return max(matching, key=lambda one: len(one.path), default=None)
