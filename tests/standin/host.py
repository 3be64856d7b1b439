# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One stand-in host, running."""

from __future__ import annotations

import json
import shutil
import ssl
import threading
import time
import urllib.error
import urllib.request
import uuid
from datetime import timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from .clock import Clock
from .control import Answer, ControlPort
from .description import HostDescription
from .environment import expand
from .installation import TOOL, write_json
from .processes import Process, ProcessTable
from .product.application import SERVING, Companion, Place, Product
from .product.assemblies import Assemblies
from .product.backups import BackupSessions, write_backup
from .product.description import InstanceDescription, ProductBehaviour
from .product.identity import Identity
from .product.startup import Surroundings
from .runtime import runtime_of
from .snapshot import Snapshot
from .verbs import run_verb
from .windows.appcmd import Appcmd, Settings
from .windows.iis import IisConfiguration, Pool
from .windows.paths import Drives
from .windows.sc import Sc
from .windows.scheduler import Scheduler
from .windows.schtasks import Schtasks
from .windows.server import IisServer
from .windows.services import Service, Services
from .windows.tasklist import Tasklist
from .windows.workers import IisBehaviour, PoolBehaviour, StaticContent, Workload
from .winrm.server import WinRmServer

BRANDS = ("Comindware", "CMW Lab")
_DAY_SECONDS = 24 * 3600
# Which version answers does not depend on its certificate.
_UNCHECKED = ssl._create_unverified_context()


class Host:
    """A host from its folder. Tests reach its parts: `drives`, `registry`, `iis`, `services`, `scheduler`, `winrm`."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder = folder
        self._cache = cache
        self.description = HostDescription.read(json.loads((folder / "host.json").read_text(encoding="utf-8")))
        self.name = self.description.name
        self.computer_name = self.name.upper()
        self.drives = Drives(folder / "drives")
        self.runtime = runtime_of(folder, self.description)
        self.registry = self.runtime.registry
        self.processes = ProcessTable(folder / "held")
        self.services = Services(self.registry, self.processes)
        self.behaviour = IisBehaviour()
        self.iis = IisServer(
            IisConfiguration.load(folder / "iis.json"), self.behaviour, self.processes, self.services, self._launch
        )
        self.clock = Clock(folder / "settings.json")
        self.scheduler = Scheduler(folder / "tasks", self.drives, self.runtime, self.clock)
        self.boot_id = ""
        self._surroundings = Surroundings(self.drives, self.registry, Assemblies(cache), self.processes)
        self._products: dict[str, Product] = {}
        self._control = ControlPort(folder / "control", self.run)
        self._programs = {
            "appcmd": Appcmd(self.iis, self.drives, self._settings).run,
            "schtasks": Schtasks(self.scheduler, self.drives, self._settings).run,
            "sc": Sc(self.services, self._settings).run,
            "tasklist": Tasklist(self._all_processes).run,
        }
        self._power = threading.RLock()
        self._install_services()
        for pool in self.iis.configuration.pools:
            self.behaviour.pool(pool.name).stop_seconds = self.description.stop_seconds

    @cached_property
    def winrm(self) -> WinRmServer:
        """The host's WinRM; it takes its port when it is first asked for."""
        return self.runtime.winrm(self.description, self._cache)

    def start(self) -> None:
        """Power on. Raises OSError if one of the host's ports is taken."""
        with self._power:
            self.boot_id = str(uuid.uuid4())
            self.processes.end_all()
            shutil.rmtree(self.folder / "marks", ignore_errors=True)
            self._control.start()
            self.runtime.power_on(self.run)
            self.services.boot()
            self.services.changed = self._service_changed
            taken = self.iis.boot()
            if taken:
                raise OSError(
                    f"another process has the port of {', '.join(taken)} on {self.name}; see {self.folder}/iis.json"
                )
            self.scheduler.boot()
            self.winrm.start()

    def stop(self) -> None:
        """Power off, at once: nothing that runs gets a chance to finish."""
        with self._power:
            self.winrm.stop()
            self.scheduler.power_off()
            self.services.changed = lambda service: None
            self.iis.power_off()
            self.services.power_off()
            self.processes.end_all()
            self.runtime.power_off()
            self._control.stop()

    def reboot(self, down_seconds: float = 0) -> None:
        """Power off and on again; IIS comes up as its configuration says, boot-triggered tasks run."""
        with self._power:
            self.stop()
            time.sleep(down_seconds)
            self.start()

    def restart_winrm(self) -> None:
        """Restart the WinRM service alone: what runs in its shells ends with them, and nothing else does."""
        with self._power:
            self.winrm.restart()

    def run(self, program: str, arguments: list[str]) -> Answer:
        """A program of the host, or a `#verb` of the control port."""
        if program.startswith("#"):
            return run_verb(self, program[1:], arguments)
        if program not in self._programs:
            return Answer.error(f"the stand-in host has no program {program}\r\n", 9009)
        return self._programs[program](arguments)

    def instance(self, name: str) -> InstanceDescription:
        """An instance as it was created. Raises KeyError with the known names."""
        found = next((one for one in self.description.instances if one.name.casefold() == name.casefold()), None)
        if found is None:
            known = ", ".join(one.name for one in self.description.instances) or "none"
            raise KeyError(f"{self.name} has no instance {name!r}; it has: {known}")
        return found

    def url(self, name: str) -> str:
        scheme = "https" if self.instance(name).certificate else "http"
        return f"{scheme}://127.0.0.1:{self.instance(name).port}/"

    def product(self, name: str) -> Product | None:
        """The newest start of an instance since the host was booted, running or not."""
        return self._products.get(name.casefold())

    def running_version(self, name: str) -> str | None:
        """The version that answers on the instance's site, which a request starts if it sleeps; None if none does."""
        try:
            urllib.request.urlopen(self.url(name), timeout=30, context=_UNCHECKED).close()
        except urllib.error.HTTPError as error:
            error.close()  # 401 is an answer; whether 500 is one, the product's state tells
        except OSError:
            return None
        product = self.product(name)
        return product.version if product and product.state in SERVING else None

    def login(self, name: str) -> None:
        """An administrator logs in to an instance. Raises RuntimeError if nobody could."""
        product = self.product(name)
        if product is None:
            raise RuntimeError(f"nobody can log in to {name}: it has not been started since the host was booted")
        product.login()

    def product_backup(self, name: str, age_hours: float = 0) -> str:
        """An administrator has the product make a backup, as many hours ago; the Windows path of the .cdbbz."""
        return write_backup(self.drives, self.instance(name), age_hours)

    def product_behaviour(self, name: str) -> ProductBehaviour:
        return self.instance(name).behaviour

    def pool_behaviour(self, name: str) -> PoolBehaviour:
        return self.behaviour.pool(name)

    def share(self, path: str) -> Path:
        r"""The Linux path of `\\server\share\…`, one of the shares of the description."""
        server, name, *rest = path.strip("\\").split("\\")
        return self.folder.parents[1].joinpath("shares", server.lower(), name.lower(), *rest)

    def set(self, **settings: Any) -> None:
        """Change `settings.json`: administrator, free_bytes, long_paths, symbolic_links, shares, delegation, clock_seconds,
        uptime_seconds.
        """
        if {"clock_seconds", "uptime_seconds"} & settings.keys():  # without them a test would wait for ever
            self._want_played_seams()
        write_json(self.folder / "settings.json", {**self._all_settings(), **settings})

    def _all_settings(self) -> dict[str, Any]:
        known: dict[str, Any] = json.loads((self.folder / "settings.json").read_text(encoding="utf-8"))
        return known

    def jump(self, seconds: int) -> None:
        """Somebody, or the time service, sets the clock forward, or back."""
        self.clock.offset += timedelta(seconds=seconds)
        self.set(clock_seconds=int(self.clock.offset.total_seconds()))

    def pass_time(self, seconds: int) -> None:
        """Nothing happens for so long."""
        self.jump(seconds)
        self.set(uptime_seconds=self._all_settings().get("uptime_seconds", 0) + seconds)

    def be_young(self) -> None:
        """It counts as started just now, and waits for services that start by themselves. Otherwise it has run for days."""
        self.set(uptime_seconds=-int(time.monotonic()) - _DAY_SECONDS)

    def add_fault(self, point: str, **fault: Any) -> None:
        """Have the seams play a fault (README, "Faults of the seams")."""
        self._want_played_seams()
        added = {"point": point, "path": "*", "action": "error", "times": 1, **fault}
        write_json(self.folder / "faults.json", [*self.faults(), added])

    def _want_played_seams(self) -> None:
        assert self.runtime.plays_faults, f"{self.name} has the seams of Windows: they play no faults, and no clock"

    def faults(self) -> list[dict[str, Any]]:
        """Those that are set; `times` tells how often each will come yet."""
        known: list[dict[str, Any]] = json.loads((self.folder / "faults.json").read_text(encoding="utf-8"))
        return known

    def clear_faults(self) -> None:
        write_json(self.folder / "faults.json", [])

    def run_administration_tool(self) -> Process:
        """Somebody has the Administration Tool open; end it with `processes.end(pid)`."""
        return self.processes.add(TOOL.rpartition("\\")[2], [TOOL], session="RDP-Tcp#1")

    def snapshot(self) -> Snapshot:
        """Everything that can be compared before and after: files, links, registry, IIS, tasks."""
        return Snapshot.of(self)

    def _launch(self, pool: Pool) -> Workload:
        site = next(self.iis.configuration.root_sites_of(pool.name), None)
        if site is not None and site.root is not None:
            identity = self._identity(site.name, site.root.physical_path)
            if identity is None:
                return StaticContent()
            product = Product(identity, self._surroundings, self._place(identity))
            self._products[identity.name.casefold()] = product
            return product
        owner = next(
            (
                site
                for site in self.iis.configuration.sites
                if pool.name.casefold().startswith(f"{site.name.casefold()}_")
            ),
            None,
        )
        identity = self._identity(owner.name, owner.root.physical_path) if owner and owner.root else None
        return Companion(identity, self._surroundings, pool.name) if identity else StaticContent()

    def _place(self, identity: Identity) -> Place:
        known = {one.name.casefold(): one for one in self.description.instances}.get(identity.name.casefold())
        if known is None:
            return Place(self.computer_name, "en", ProductBehaviour(), self.clock)
        backups = partial(BackupSessions, self.drives, known)
        return Place(self.computer_name, known.language, known.behaviour, self.clock, backups)

    def _settings(self) -> Settings:
        settings = self._all_settings()
        # What programs of Windows say in other languages is not known; the agent reads numbers and XML only.
        language = self.description.language if self.description.language in ("en", "ru") else "en"
        return Settings(settings["administrator"], language, self.description.code_page)

    def _all_processes(self) -> list[Process]:
        return [*self.processes.all(), *self.scheduler.processes()]

    def _install_services(self) -> None:
        system = r"%SystemRoot%\System32\svchost.exe -k iissvcs"
        self.services.add(Service("WAS", "Windows Process Activation Service", system))
        self.services.add(Service("W3SVC", "World Wide Web Publishing Service", system, depends_on=("WAS",)))
        self.services.add(Service("kafka", "kafka", r"C:\kafka\nssm.exe", image="nssm.exe"))
        for instance in self.description.instances:
            if instance.service:
                self.services.add(self._instance_service(instance))

    def _instance_service(self, instance: InstanceDescription) -> Service:
        image = "Comindware.Adapter.Agent.exe"
        identity = Identity(instance.brand, instance.name, instance.folder("config"))
        return Service(
            f"comindware{instance.name}",
            instance.site_name,
            f'"{identity.config}\\bin\\{image}"',
            image,
            holds=lambda: self._surroundings.held_files(identity, (image,)),
        )

    def _service_changed(self, service: Service) -> None:
        if service.name not in ("WAS", "W3SVC"):
            return
        if self.iis.available:
            self.iis.boot()
        elif service.state == "STOP_PENDING":
            self.iis.power_off()

    def _identity(self, site: str, physical_path: str) -> Identity | None:
        """The instance that a site runs, by the vendor's names of sites; None for a site that is not the product's."""
        brand = next((brand for brand in BRANDS if site.casefold().startswith(f"{brand.casefold()} ")), None)
        return (
            Identity(brand, site[len(brand) + 1 :], expand(physical_path, self.runtime.environment)) if brand else None
        )
