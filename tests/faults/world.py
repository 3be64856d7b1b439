# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One stand-in host that can be put back to a known state, and what may happen to it."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleConnectionFailure
from ansible_collections.comindware.platform.plugins.plugin_utils.host import worker_sources
from standin.fleet import Fleet
from standin.host import Host
from standin.modules import Call
from standin.snapshot import Snapshot

from .controller import ControllerKilled
from .points import Point, Trace, read_calls, read_trace

AGENT_FOLDER = r"C:\Program Files\comindware.platform"
BACKUPS = r"C:\ProgramData\comindware.platform"
# What every run may leave: logs, and the agent's own records, which the oracle looks at by itself.
LEFT_BEHIND = (
    r"C:\Windows\System32\Tasks*",
    r"*\Logs",
    r"*\Logs\*",
    r"*\Windows\Temp\*",
    f"{AGENT_FOLDER}*",
    f"{BACKUPS}*",
)
_PATIENCE_SECONDS = 90
# Of the seconds for which the agent bears a refusal: it tries as often as before, but for the last pauses of a second each.
_HASTE_PERCENT = 20
OVER = ("confirmed", "rolled_back")
_STORES = ("drives", "registry", "tasks", "iis.json")


class Stuck(Exception):
    """Something that must end does not."""


class World:
    """A host with one instance, `sales`, and named images of its disk. `cut`: the connection of the controller is down;
    `controller_killed`: its process is gone.
    """

    def __init__(self, folder: Path, cache: Path, host: dict[str, Any]) -> None:
        self._fleet = Fleet.create(folder / "fleet", {"hosts": {"h1": host}}, cache)
        self._cache = cache
        self._images = folder / "images"
        self._images.mkdir()
        self._calls: set[Call] = set()
        self._known: dict[str, dict[str, bytes]] = {}
        self._image = ""
        self._remember = True
        self._guard = threading.Lock()
        self.host: Host = self._fleet.hosts["h1"]
        self._module = self.host.runtime.module(worker_sources(), cache)
        self.host.set(patience_percent=_HASTE_PERCENT)
        self.cut = False
        self.controller_killed = False

    def start(self) -> None:
        """Power on."""
        self.host.start()

    def keep(self, image: str, running: bool = True) -> None:
        """Remember the disk as it is. The host is off for a moment, or stays off if it was not `running`."""
        self.host.stop()
        _copy(self.host.folder, self._images / image)
        if running:
            self.start()

    def image(self, name: str) -> Path:
        """The folder of an image."""
        return self._images / name

    def reset(self, image: str, before_start: Callable[[World], None], remember: bool = True) -> None:
        """The host as it was when the image was kept, switched on, its sites and pools started as configured.

        `before_start` is called when all is there but the power. From now on the trace counts. Without `remember` every query is
        asked, also one whose answer is known.
        """
        self.host.stop()
        shutil.rmtree(self.host.folder)
        _copy(self._images / image, self.host.folder)
        self._remember = remember
        self.host = Host(self.host.folder, self._cache)
        self._image = image
        self.cut = self.controller_killed = False
        self.begin_trace()
        before_start(self)
        self.start()

    def begin_trace(self) -> None:
        """From now on the points count, from 1 on for each kind of process."""
        for name in ("points", "calls"):
            folder = self.host.folder / name
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()

    def trace(self) -> Trace:
        """The points since then, those of the module's calls first."""
        points, calls = list[Point](), dict[Point, str]()
        for file in sorted((self.host.folder / "points").iterdir()):
            points += read_trace(file.read_text(encoding="utf-8"))
        for file in sorted((self.host.folder / "calls").iterdir()):
            calls |= read_calls(file.read_text(encoding="utf-8"))
        return Trace(points, calls)

    def stop(self) -> None:
        """Power off, for good."""
        self.host.stop()

    def forget_what_is_not_flushed(self) -> None:
        """From now on a power loss takes with it whatever has not reached the disk."""
        kept = self.host.folder / "flushed"
        kept.mkdir()
        for store in _STORES:
            _copy(self.host.folder / store, kept / store)

    def lose_power(self) -> None:
        """Off and on again; what was not flushed is as it was before. Nobody reaches the host in between."""
        self.cut = True
        self.host.stop()
        self.break_calls()
        self.go_on()
        flushed = self.host.folder / "flushed"
        for store in _STORES:
            lost = self.host.folder / store
            shutil.rmtree(lost) if lost.is_dir() else lost.unlink()
            _copy(flushed / store, lost)
        shutil.rmtree(flushed)
        self.host = Host(self.host.folder, self._cache)
        self.host.be_young()
        self.start()
        self.cut = False

    def look(self) -> Snapshot:
        """Everything that an operation can change."""
        return self.host.snapshot()

    def agent(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """A call of the agent, as the module makes it; AnsibleConnectionFailure when the connection breaks."""
        self._refuse()
        request = arguments["request"].encode()
        answer = self._remembered(request) or self._call(request)
        self._refuse()
        return {"answer": answer.decode()} if answer else {"msg": "the process of the agent died"}

    def _refuse(self) -> None:
        if self.controller_killed:
            raise ControllerKilled
        if self.cut:
            raise AnsibleConnectionFailure("the connection was cut")

    def _remembered(self, request: bytes) -> bytes | None:
        """Before anything is changed an image gives one answer only: it is asked for once."""
        known = self._known.setdefault(self._image, {})
        if json.loads(base64.b64decode(request))["command"] != "query":
            self._image = ""
            return None
        return known.get(base64.b64decode(request).decode()) if self._image and self._remember else None

    def _call(self, request: bytes) -> bytes:
        command = json.loads(base64.b64decode(request))["command"]
        variables = self.host.runtime.environment | {"STANDIN_COMMAND": command}
        with self._guard:
            self._refuse()  # again: a call that begins when all were broken would meet a host without power, half put back
            call = self._module(request, variables, self.host.folder)
            self._calls.add(call)
        try:
            ended = call.end()
        finally:
            with self._guard:
                self._calls.discard(call)
        if self._image and self._remember and ended.exit_code == 0:
            self._known[self._image][base64.b64decode(request).decode()] = ended.stdout
        return ended.stdout

    def break_calls(self) -> None:
        """The shells of all calls in the middle end, as those of a WinRM connection that is gone."""
        with self._guard:
            for call in self._calls:
                call.kill()

    def wait_for_pause(self, ended: threading.Event) -> bool:
        """Whether a process of the host stands still; False if the flow ended before."""
        while not ended.is_set():
            if self._paused():
                return True
            time.sleep(0.003)
        return False

    def paused_at(self) -> Point:
        """The point at which a process stands still."""
        return read_trace(self._paused()[0].read_text(encoding="utf-8"))[-1]

    def go_on(self) -> None:
        for one in self._paused():
            one.unlink(missing_ok=True)

    def _paused(self) -> list[Path]:
        return list(self.host.folder.glob("paused.*"))

    def owed(self) -> list[str]:
        """What a confirm or an undo could not do yet, and nobody has to decide about."""
        return [f"{one['id']}: {one['owed']}" for one in self.transactions() if one["owed"]]

    def come_to_rest(self, boot: bool = False) -> None:
        """The controller and the connection are there again, and whatever is unfinished is recovered: by a `boot` of the host, or
        else by a call. Raises Stuck.
        """
        self.cut = self.controller_killed = False
        if boot:
            self.host.reboot()
            self._wait_while(self.owed, "is still to be done")
        self.settle()
        self._image = ""
        if not self._is_at_rest():
            self._recover()
        if not all(one["state"] in OVER for one in self.transactions()):
            self.host.pass_time(3600)  # past every lease
            self._recover()

    def _is_at_rest(self) -> bool:
        """Whether a recovery would look for something to do and find nothing."""
        folders = [one for one in (self.host.drives.real(AGENT_FOLDER) / "transactions").iterdir() if one.is_dir()]
        over = [one for one in self.transactions() if one["state"] in OVER and not one["owed"]]
        return len(over) == len(folders) and not self._task_files()

    def _recover(self) -> None:
        request = {"command": "recover", "root": AGENT_FOLDER, "wait_seconds": 60}
        self._call(base64.b64encode(json.dumps(request).encode()))
        self.settle()

    def planned(self) -> Counter[str]:
        """How many operations the plans on the host have that were carried out, how many of the confirm, how many were undone, how
        many events were written. A plan's operations count until the one that failed; those of the confirm if there was one.
        """
        counted: Counter[str] = Counter()
        for journal in (self.host.drives.real(AGENT_FOLDER) / "transactions").glob("*/journal.jsonl"):
            events = [json.loads(line) for line in journal.read_bytes().split(b"\n")[:-1]]
            plan = json.loads((journal.parent / "plan.json").read_text(encoding="utf-8"))
            kinds = Counter(event["event"] for event in events)
            confirmed = any(event.get("state") == "confirmed" for event in events)
            counted["operation"] += len(plan["operations"])
            counted["confirm"] += len(plan.get("on_confirm", [])) if confirmed else 0
            counted["undo"] += kinds["undo"]
            counted["append"] += len(events) - kinds["progress"]
        return counted

    def heal(self) -> None:
        """The vendor has mended the product."""
        self.host.product_behaviour("sales").upgrade_errors = False

    def is_held(self) -> bool:
        """Whether a person has to decide about a transaction."""
        return any(one["state"] == "held" for one in self.transactions())

    def state(self, seen: Snapshot) -> Iterator[str]:
        """What decides about all that comes after: the oracle has compared the rest."""
        for one in sorted(self.transactions(), key=lambda one: str(one["id"])):
            yield _timeless(f"{one['state']} {one['about']}")
        for path in sorted(seen.files):
            if path.startswith((AGENT_FOLDER, BACKUPS)) and "\\undo\\" not in path and "\\files\\" not in path:
                yield _timeless(path)

    def settle(self) -> None:
        """Wait until no task runs. Raises Stuck."""
        self._wait_while(self._tasks_that_run, "still runs")

    def end(self) -> None:
        """Wait until workers that nothing disturbed have done all: the last thing that they take away, when their task is gone
        already, is its file. Raises Stuck.
        """
        self.settle()
        self._wait_while(self._task_files, "still lies there")

    def _tasks_that_run(self) -> list[str]:
        return [name for name in self.host.scheduler.names() if self.host.scheduler.running(name)]

    def _task_files(self) -> list[str]:
        return [str(path) for path in (self.host.drives.real(AGENT_FOLDER) / "transactions").glob("*/task.xml")]

    @staticmethod
    def _wait_while(found: Callable[[], list[str]], what: str) -> None:
        end = time.monotonic() + _PATIENCE_SECONDS
        while left := found():
            if time.monotonic() > end:
                raise Stuck(f"{', '.join(left)} {what}")
            time.sleep(0.02)

    def transactions(self) -> list[dict[str, Any]]:
        """Every transaction of the host: its id, its state, and what it is about, read from its journal."""
        folder = self.host.drives.real(AGENT_FOLDER) / "transactions"
        found = []
        for journal in sorted(folder.glob("*/journal.jsonl")):
            events = [json.loads(line) for line in journal.read_bytes().split(b"\n")[:-1]]
            plan = json.loads((journal.parent / "plan.json").read_text(encoding="utf-8"))
            states = [event["state"] for event in events if event["event"] == "state"]
            state = states[-1] if states else "pending"
            owed = _owed(state, events)
            found.append({"id": plan["id"], "about": plan.get("about"), "state": state, "owed": owed})
        return found


def _owed(state: str, events: list[dict[str, Any]]) -> list[str]:
    """The operations that failed when they were tried last: of a confirmed transaction all, of one that is held its undo."""
    names = {"confirmed": ("done", "failed"), "held": ("undone", "undo_failed")}.get(state, ("", ""))
    last = {(one.get("phase"), one["operation"]): one["event"] for one in events if one["event"] in names}
    return [f"{phase or 'operation'} {number}" for (phase, number), event in last.items() if event == names[1]]


def _timeless(text: str) -> str:
    """Without the names that have a time in them."""
    return re.sub(r"\d{8}T\d{6}Z[^\\']*", "ID", text)


def _copy(source: Path, target: Path) -> None:
    """Ten times cheaper than Python's own."""
    subprocess.run(["cp", "-a", source, target], check=True)
