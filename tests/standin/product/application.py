# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The product in a worker process: starts, upgrades its data, serves its pages."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from ..clock import Clock
from ..windows.http_sys import Request, Response
from . import pages
from .backups import BackupSessions
from .data import Data
from .description import SEARCH_SERVER_SINCE, ProductBehaviour, index_prefix, version_number
from .identity import Binaries, Identity, StartFailure
from .logs import Logs
from .startup import Surroundings

_LONGEST_WAIT_SECONDS = 110
_BACKUP_SESSIONS = "/webapi/backup/session/"
DATABASE_LOCK_SECONDS = 3
SERVING = ("running", "waiting", "service mode")
"""States in which the version's own pages are served."""


@dataclass(frozen=True)
class Place:
    """Where and how an instance runs. `backups`: gives its backup sessions, which ask whether the process is still alive."""

    computer: str
    language: str
    behaviour: ProductBehaviour
    clock: Clock
    backups: Callable[[Callable[[], bool]], BackupSessions] | None = None


class Product:
    """States: `starting`, `upgrading`, `running`, `waiting`, `service mode`, `failed`, `ended`.

    `waiting`: the data of a version before 4.4 were upgraded, and the prompts behind its login page wait for an
    administrator; nothing but the data shows it. From 5.0 on the service-mode page does.
    A failed start is a living worker process that answers 500 and keeps its files until its pool stops, as an
    ASP.NET application whose Application_Start throws; only a process that dies counts for rapid-fail protection.
    """

    def __init__(self, identity: Identity, surroundings: Surroundings, place: Place) -> None:
        self.identity = identity
        self.version: str | None = None
        self.failure = ""
        self._surroundings = surroundings
        self._place = place
        self._logs = Logs(surroundings.logs(identity.config), place.clock, place.language)
        self._data: Data | None = None
        self._state = "starting"
        self._changed = threading.Condition()
        data = surroundings.data_folder(identity)
        self._data_path = data or ""
        self._backups = place.backups(lambda: self._state != "ended") if place.backups else None
        self.holds = (*surroundings.held_files(identity), *([data] if data else []))

    @property
    def state(self) -> str:
        return self._state

    def begin(self, crash: Callable[[], None]) -> None:
        threading.Thread(target=self._start, args=(crash,), name=f"product {self.identity.name}", daemon=True).start()

    def end(self, orderly: bool) -> None:
        with self._changed:
            if orderly and self._state in SERVING:
                self._logs.stopped()
            self._state = "ended"
            self._changed.notify_all()

    def login(self) -> None:
        """An administrator logs in and finishes the upgrade, to the last prompt. Raises RuntimeError if nobody could."""
        with self._changed:
            if self._state not in SERVING or self._data is None:
                raise RuntimeError(f"nobody can log in to {self.identity.name}: it is {self._state} {self.failure}")
            self._data.initialise()
            if self._data.index is None and version_number(self.version or "") >= SEARCH_SERVER_SINCE:
                self._data.use_index(index_prefix(self.identity.name))
            self._logs.logged_in()
            self._state = "running"

    def wait(self, seconds: float = _LONGEST_WAIT_SECONDS) -> str:
        """Wait until the start is over; the state after it."""
        with self._changed:
            self._changed.wait_for(lambda: self._state not in ("starting", "upgrading"), seconds)
            return self._state

    def answer(self, request: Request) -> Response:
        if self._surroundings.windows_authentication(self.identity.config) and "authorization" not in request.headers:
            return pages.negotiate()
        state = self.wait() if self._place.behaviour.requests_wait else self._state
        if state == "failed":
            return pages.failed(self.failure)
        if state not in SERVING:
            return pages.starting()
        path = request.path.partition("?")[0].casefold()
        if state == "service mode":
            return self._in_service_mode(request, path)
        if state == "waiting" and request.method == "POST" and path.startswith("/home/login"):
            self.login()
            return pages.redirect()
        if path.startswith(_BACKUP_SESSIONS) and self._backups:
            wanted = unquote(request.path.rpartition("/")[2])
            return self._backups.answer(request.method, wanted, request.headers.get("authorization", ""))
        return self._running(path)

    def _running(self, path: str) -> Response:
        if path.startswith("/api/health"):
            if self.version is None or int(self.version.split(".")[0]) < 5:
                return pages.text(404, "Not Found")
            return pages.text(500, "Unhealthy") if self._place.behaviour.failing_health else pages.text(200, "Healthy")
        if path.startswith("/webapi"):
            return Response(401, "", {"WWW-Authenticate": 'Basic realm="Comindware"'})
        return pages.login() if path.startswith("/home/login") else pages.redirect()

    def _in_service_mode(self, request: Request, path: str) -> Response:
        behaviour = self._place.behaviour
        if path.startswith(("/api/", "/webapi")):
            return pages.text(behaviour.health_status, "Service mode")
        if path.startswith("/home/login") and request.path.endswith("mode=administrator"):
            if request.method == "POST":
                self.login()
                return pages.redirect()
            return pages.login()
        return pages.service_mode(behaviour.service_mode_status)

    def _start(self, crash: Callable[[], None]) -> None:
        try:
            self._logs.starting()
            binaries = self._surroundings.binaries(self.identity)
            self.version = binaries.version
            self._logs.old_names = binaries.generation == "registry"
            if binaries.version in self._place.behaviour.crashing_versions:
                crash()
                return
            self._refuse_failing(binaries)
            self._wait_for_database()
            configured = self._surroundings.check_configuration(self.identity, binaries)
            data = configured.data
            if configured.index:
                data.use_index(configured.index)
            takes = (data.version, *self._place.behaviour.unchanging_versions)
            if binaries.version not in takes and not self._upgrade(data, binaries):
                return
            if self._pause(self._place.behaviour.start_seconds):
                self._started(data, binaries)
            if self._place.behaviour.crash_seconds is not None and self._pause(self._place.behaviour.crash_seconds):
                crash()
        except StartFailure as failure:
            self._fail(str(failure))
        except OSError as error:
            self._fail(f"{type(error).__name__}: {error}")

    def _wait_for_database(self) -> None:
        """Ignite locks its files: after a recycle the old process still has them, an orphan has them for ever."""
        deadline = time.monotonic() + DATABASE_LOCK_SECONDS
        while len(users := self._surroundings.database_users(self._data_path)) > 1:
            if not self._pause(0.02) or time.monotonic() > deadline:
                raise StartFailure(f"the database {self._data_path} is locked by process {users[0]}")

    def _refuse_failing(self, binaries: Binaries) -> None:
        if binaries.version in self._place.behaviour.failing_versions:
            reason = "Object reference not set to an instance of an object."
            raise StartFailure(f"Could not start the core of version {binaries.version}: {reason}")

    def _upgrade(self, data: Data, binaries: Binaries) -> bool:
        """Upgrade the data; False if the process ended in the middle of it."""
        with self._changed:
            if self._state == "ended":
                return False
            self._state = "upgrading"
            self._logs.upgrade_begins(data.version or "", binaries.version)
            data.begin_upgrade(binaries.version)
        if not self._pause(self._place.behaviour.upgrade_seconds):
            return False
        with self._changed:
            if self._state == "ended":
                return False
            errors = self._place.behaviour.upgrade_errors
            self._logs.upgrade_ends(errors)
            if errors:
                self._logs.failure("the upgrade of the data ended with errors")
            data.finish_upgrade()
            wanted = self._place.behaviour.service_mode
            waits = binaries.at_least(5, 0) or binaries.generation == "registry"
            if not (waits if wanted is None else wanted):
                data.initialise()
            return True

    def _started(self, data: Data, binaries: Binaries) -> None:
        with self._changed:
            if self._state == "ended":
                return
            self._data = data
            self._logs.started(self._place.computer, binaries.version, self.identity.config, self._data_path)
            if data.initialised:
                self._state = "running"
            elif binaries.generation == "registry":
                self._state = "waiting"
            else:
                self._logs.maintenance()
                self._state = "service mode"
            self._changed.notify_all()

    def _fail(self, reason: str) -> None:
        with self._changed:
            if self._state != "ended":
                self.failure = reason
                self._logs.failure(reason)
                self._state = "failed"
                self._changed.notify_all()

    def _pause(self, seconds: float) -> bool:
        """Let time pass; False if the process ended meanwhile."""
        with self._changed:
            return not self._changed.wait_for(lambda: self._state == "ended", seconds)


class Companion:
    """The adapter host or the gateway of an instance, in a pool of its own: it only keeps the version's files open."""

    def __init__(self, identity: Identity, surroundings: Surroundings, pool: str) -> None:
        own = "Comindware.ApiGateway.dll" if pool.casefold().endswith("_apigateway") else "Comindware.Adapter.Host.dll"
        self.holds = surroundings.held_files(identity, ("Comindware.Platform.Core.dll", own))

    def begin(self, crash: Callable[[], None]) -> None:
        pass

    def answer(self, request: Request) -> Response:
        return pages.text(404, "Not Found")

    def end(self, orderly: bool) -> None:
        pass
