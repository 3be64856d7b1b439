# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How tests talk to a stand-in host."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .host import Host
from .product.configuration_files import AGENT_FOLDER, INSTANCE_FILE, fill, pristine
from .product.description import generation_of
from .product.instances import instance_values
from .product.versions import LINKED, version_path, write_text
from .windows.paths import LinkKind

SALES: dict[str, Any] = {"name": "sales", "version": "5.0.13334.0", "language": "en"}
"""A small instance for a fleet description."""

_FOR_EVER_SECONDS = 600

MakeHost = Callable[..., Host]


@dataclass(frozen=True)
class Page:
    status: int
    headers: dict[str, str]
    body: str


def fetch(host: Host, name: str = "sales", path: str = "/", method: str = "GET", **headers: str) -> Page:
    """One request to an instance; redirects are not followed. Raises ConnectionRefusedError if nobody listens."""
    connection = http.client.HTTPConnection("127.0.0.1", host.instance(name).port, timeout=10)
    try:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        return Page(response.status, dict(response.getheaders()), response.read().decode())
    finally:
        connection.close()


def appcmd(host: Host, *arguments: str) -> tuple[int, str]:
    answer = host.run("appcmd", list(arguments))
    assert answer.stderr == b"", "appcmd writes its errors to standard output"
    return answer.exit_code, answer.stdout.decode()


def wait_until(condition: Callable[[], bool]) -> None:
    """The limit decides nothing, it only ends a test that would go on for ever."""
    deadline = time.monotonic() + _FOR_EVER_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "what was waited for did not happen"
        time.sleep(0.01)


def log(host: Host, stem: str, name: str = "sales") -> str:
    """All text of the logs of an instance whose file names begin so."""
    files = host.drives.real(host.instance(name).folder("logs")).glob(f"{stem}*.log")
    return "".join(file.read_bytes().decode() for file in sorted(files))


def relink(host: Host, version: str, *names: str, name: str = "sales", kind: LinkKind | None = None) -> None:
    """Re-point links of an instance (all of them if none is named) to a version, running or not."""
    instance = host.instance(name)
    for link in names or LINKED:
        path = f"{instance.folder('config')}\\{link}"
        host.drives.linux(path).unlink()
        host.drives.make_link(path, f"{version_path(instance.brand, version)}\\{link}", kind or LINKED[link])


def reconfigure(host: Host, version: str, name: str = "sales") -> None:
    """Delete the configuration files and write those of a version anew, as the Administration Tool does: without what
    operators had changed.
    """
    instance = host.instance(name)
    config = instance.folder("config")
    for pattern in ("*.config", "*.yml", "*.json"):
        for file in host.drives.real(config).glob(pattern):
            file.unlink()
    values = {**instance_values(instance), "version": version}
    for wanted, text in pristine(generation_of(version)).items():
        if not wanted.startswith(AGENT_FOLDER):
            path = instance.yml if wanted == INSTANCE_FILE else f"{config}\\{wanted}"
            write_text(host.drives, path, fill(text, values))


def switch(host: Host, version: str, name: str = "sales") -> Page:
    """Stop the instance's pool, re-point all links, start it and fetch a page: a change of version that leaves the
    configuration as it is.
    """
    pool = host.instance(name).site_name
    if host.iis.pool_state(pool) == "Started":
        host.iis.stop_pool(pool)
    relink(host, version, name=name)
    host.iis.start_pool(pool)
    return fetch(host, name)
