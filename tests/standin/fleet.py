# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A fleet of stand-in hosts in one folder and one process."""

from __future__ import annotations

import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml

from .description import HostDescription, read_fleet
from .host import Host
from .installation import install_host, write_json
from .ports import free_ports
from .product.assemblies import Assemblies
from .runtime import runtime_of
from .search_server import NOBODY, SearchServer

GROUP = "platform_hosts"


class FleetRuns(Exception):
    """Another process runs the fleet."""


class Fleet:
    """Hosts by name in `hosts`. Use as a context manager, or call `start` and `stop`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.inventory = folder / "inventory.yml"
        self.hosts = {path.name: Host(path, folder / "cache") for path in sorted((folder / "hosts").iterdir())}
        searched = {host.description.search_port for host in self.hosts.values() if host.description.search_server}
        self._machines: list[SearchServer | Host] = [*map(SearchServer, searched), *self.hosts.values()]

    @classmethod
    def create(cls, folder: Path, description: Path | str | dict[str, Any], cache: Path | None = None) -> Fleet:
        """Write a new fleet; `cache` shares compiled code with other fleets. Raises FileExistsError for a used folder."""
        folder = folder.resolve()
        if folder.exists() and any(folder.iterdir()):
            raise FileExistsError(f"{folder} is not empty: load the fleet that is there, or give a new folder")
        hosts = read_fleet(description)
        try:
            cls._install(folder, hosts, cache)
        except BaseException:
            shutil.rmtree(folder)  # half a fleet would be taken for a whole one by the next start
            raise
        return cls(folder)

    @classmethod
    def load(cls, folder: Path) -> Fleet:
        """A fleet that was created before. Raises FileNotFoundError if there is none."""
        if not (folder / "hosts").is_dir():
            raise FileNotFoundError(f"there is no fleet in {folder}")
        return cls(folder.resolve())

    @staticmethod
    def _install(folder: Path, hosts: list[HostDescription], cache: Path | None) -> None:
        (folder / "hosts").mkdir(parents=True)
        if cache is None:
            (folder / "cache").mkdir()
        else:
            cache.mkdir(parents=True, exist_ok=True)
            (folder / "cache").symlink_to(cache.resolve())
        assemblies = Assemblies(folder / "cache")
        with ThreadPoolExecutor(2) as pool:
            list(
                pool.map(assemblies.compiled, {one.assembly or one.version for host in hosts for one in host.versions})
            )
        (search_port,) = free_ports(1)
        for host in hosts:
            host.search_port = search_port if host.search_server else NOBODY
            install_host(folder / "hosts" / host.name, host, assemblies)
        _write_inventory(folder / "inventory.yml", folder / "hosts", hosts)

    def start(self) -> None:
        """Power on all hosts. Raises FleetRuns if another process runs them, OSError if a port is taken."""
        running = running_process(self.folder)
        if running:
            raise FleetRuns(f"the fleet in {self.folder} runs already, as process {running}")
        started: list[SearchServer | Host] = []
        try:
            for one in self._machines:
                started.append(one)
                one.start()
        except BaseException:
            for one in started:
                one.stop()
            raise
        write_json(
            self.folder / "fleet.json",
            {
                "pid": os.getpid(),
                "process_start": _process_start(os.getpid()),
                "inventory": str(self.inventory),
                "hosts": {
                    host.name: {
                        "folder": str(host.folder),
                        "winrm_port": host.description.winrm_port,
                        "control": (host.folder / "control").read_text(encoding="ascii"),
                        "urls": {one.name: host.url(one.name) for one in host.description.instances},
                    }
                    for host in self.hosts.values()
                },
            },
        )

    def stop(self) -> None:
        (self.folder / "fleet.json").unlink(missing_ok=True)
        for one in self._machines:
            one.stop()

    def __enter__(self) -> Fleet:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def running_process(folder: Path) -> int | None:
    """The process id of the stand-in that runs the fleet in a folder, or None."""
    file = folder / "fleet.json"
    if not file.exists():
        return None
    noted = json.loads(file.read_text(encoding="utf-8"))
    pid = int(noted["pid"])
    return pid if _process_start(pid) == noted.get("process_start") else None


def _process_start(pid: int) -> int | None:
    """When a process started, in clock ticks since the boot; None if it is gone. Process ids are used again."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])


def _write_inventory(file: Path, folder: Path, hosts: list[HostDescription]) -> None:
    inventory = {
        "all": {
            "children": {
                GROUP: {
                    "hosts": {
                        host.name: {
                            "ansible_port": host.winrm_port,
                            "ansible_user": host.user,
                            "ansible_password": host.password,
                            **runtime_of(folder / host.name, host).variables,
                        }
                        for host in hosts
                    },
                    "vars": {
                        "ansible_connection": "winrm",
                        "ansible_host": "127.0.0.1",
                        "ansible_winrm_scheme": "http",
                        "ansible_winrm_transport": "basic",
                        "ansible_winrm_proxy": "",  # an http_proxy of the environment would swallow 127.0.0.1
                    },
                }
            }
        }
    }
    file.write_text(yaml.safe_dump(inventory, allow_unicode=True, sort_keys=False), encoding="utf-8")
