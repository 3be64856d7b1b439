# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What all actions of the collection share: argument spec, errors, warnings, and the way to the host's agent."""

from __future__ import annotations

import contextlib
import getpass
import os
import socket
from abc import abstractmethod
from pathlib import Path
from typing import Any, ClassVar

from ansible import constants as C  # noqa: N812  # its name everywhere in Ansible
from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure, AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from . import connections, stages
from .fleet import channel
from .fleet.states import CONNECTION_LOST, GOES_ON, NO_ANSWER, REFUSED, UNEXPECTED
from .host import RECONNECT_SECONDS, ConnectionLost, Host, HostError, NoAnswer
from .model import secrets
from .model.brands import BACKUP_ROOT, BRANDS
from .model.facts import HostFacts, InstanceFacts
from .model.inspection import host_facts, misguided
from .model.queries import inspection
from .model.versions import Version, VersionError
from .planning import recovery
from .planning.findings import Refusal
from .planning.plans import Limits, Origin
from .planning.preflight import check_paths, check_root, choose_instance
from .policy import PolicyError, load

display = Display()

AGENT_MODULE = "comindware.platform.host_agent"

ArgumentSpec = dict[str, dict[str, Any]]

INSPECTION_OPTIONS: ArgumentSpec = {
    "backup_root": {"type": "str", "default": BACKUP_ROOT},
    "versions_folders": {"type": "list", "elements": "str", "default": []},
    "policy_files": {"type": "list", "elements": "path", "default": []},
    "brand": {"type": "str", "choices": [brand.name for brand in BRANDS]},
}
"""Options of every module that inspects the host (doc fragment ``inspection``)."""

BACKUP_OPTIONS: ArgumentSpec = {
    "backup_rehearse": {"type": "str", "default": "sample", "choices": ["none", "sample", "whole"]},
    "backup_keep": {"type": "int", "default": 0},
    "backup_copy_to": {"type": "str"},
}
"""Options of every module that makes backup sets (doc fragment ``backup``)."""

CHANGE_OPTIONS: ArgumentSpec = {
    "facts": {"type": "dict"},
    "run_id": {"type": "str"},
    "stop_timeout": {"type": "int", "default": Limits.stop},
    "start_timeout": {"type": "int", "default": Limits.start},
    "release_timeout": {"type": "int", "default": Limits.release},
    "reconnect_timeout": {"type": "int", "default": RECONNECT_SECONDS},
}
"""Options of every module that changes an instance (doc fragment ``change``)."""


_SILENT = {
    ConnectionLost: "The connection was lost after the host had begun, and did not come back.",
    NoAnswer: "The host had begun, and what came back since cannot be read.",
}


class PlatformAction(ActionBase):
    """Subclasses give ``argument_spec`` and :meth:`perform`, whose result is that of the module, together with ``partial``: what is
    known before the end, and told even when it fails.
    """

    argument_spec: ClassVar[ArgumentSpec]

    @abstractmethod
    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        """Does the work. Raises :class:`Refusal` or :class:`HostError`; both become a failed result."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ansible's entry point."""
        self._supports_check_mode = True
        self._supports_async = False
        result: dict[str, Any] = super().run(tmp, task_vars)
        self._task_vars = task_vars or {}
        self.partial: dict[str, Any] = {}
        _valid, options = self.validate_argument_spec(self.argument_spec)
        self._leave_former_host()
        self.host = Host(self._run_agent, options.get("reconnect_timeout", RECONNECT_SECONDS), self._reset_connection)
        self._begin(options)
        result.update(self._outcome(options))
        if self.partial.get("recovered"):
            result["changed"] = True
        if self.host.calls:
            result["agent_calls"] = dict(self.host.calls)
        return result

    def _outcome(self, options: dict[str, Any]) -> dict[str, Any]:
        """The module's own result; what was done before a failure stays told in it. Every failure has a ``code``: what has none did not
        end here.
        """
        try:
            done = self.perform(options)
        except (Refusal, VersionError, PolicyError) as refusal:
            more = refusal.result if isinstance(refusal, Refusal) else {}
            return self._failed(REFUSED, str(refusal), changed=False, **more)
        except HostError as error:
            return self._failed(error.code, str(error), details=error.details)
        except ConnectionLost as lost:
            return self._silent(lost)
        except AnsibleError:
            raise
        except Exception as error:
            known = self._failed(UNEXPECTED, "", changed=False)
            goes_on = GOES_ON if self.host.has_begun else "Nothing was changed."
            raise AnsibleActionFail(
                f"The collection has a fault, please report it: {type(error).__name__}: {error}. {goes_on}",
                result=known,
            ) from error
        return {**self.partial, **done}

    def _failed(self, code: str, message: str, **told: Any) -> dict[str, Any]:
        """``told``: what the result says unless it is known better."""
        unsettled = {"changed": True} if self.host.unsettled else {}
        return {**told, **self.partial, **unsettled, "failed": True, "msg": message, "code": code}

    def _silent(self, lost: ConnectionLost) -> dict[str, Any]:
        """Of a host that was not told to change anything, nothing is left open: it is unreachable."""
        if self.host.has_begun:
            return self._failed(CONNECTION_LOST, f"{_SILENT[type(lost)]} {GOES_ON} {lost}")
        if isinstance(lost, NoAnswer):
            return self._failed(NO_ANSWER, str(lost), changed=False)
        raise AnsibleConnectionFailure(str(lost)) from lost

    @property
    def check_mode(self) -> bool:
        """Whether nothing may be changed."""
        return bool(self._task.check_mode)

    def inspect(self, options: dict[str, Any], sizes: bool = True) -> HostFacts:
        """Facts of the host: those given by an earlier task of the same run, else found by one call, or
        by a second one where the first was led elsewhere than a yml says.
        """
        given: HostFacts | None = options.get("facts")
        if given:
            _check_facts(given)
            self.host.machine = given["machine_id"]
            return given
        folders, root = options["versions_folders"], options["backup_root"]
        check_root(root)
        check_paths([("backup_root", root), *(("versions_folders", folder) for folder in folders)])
        hidden = self.hidden(options)
        answers = self.host.query(inspection(hidden, folders, root, sizes))
        if told := misguided(answers):
            answers = self.host.query(inspection(hidden, folders, root, sizes, told))
        facts = host_facts(answers, root)
        self.host.machine = facts["machine_id"]
        return facts

    def hidden(self, options: dict[str, Any]) -> dict[str, Any]:
        """By which rules the host hides values, with a salt of their own. Raises PolicyError."""
        return secrets.rules(load(options.get("policy_files", ())).names.as_dict())

    def truth(self, options: dict[str, Any], instance: InstanceFacts) -> str:
        """What the host itself says after a rollback; the outcome must be told even when it says nothing more."""
        try:
            facts = self.inspect({**options, "facts": None}, sizes=False)
            found = choose_instance(facts, instance["name"], instance["brand"])
        except (Refusal, HostError, ConnectionLost) as error:
            return f"The host could not be looked at afterwards: {error}"
        return f"Instance '{found['name']}' is {found['state']} at version {found['version']['current']}."

    def recover(self, host: HostFacts, options: dict[str, Any]) -> HostFacts:
        """The first act of every change: finishes what interrupted runs have left of the instance that the options name, and looks at
        the host anew. What it did is told in the result, as ``recovered``.
        """
        known = recovery.of(host["agent"].get("transactions", []), options["name"], options["brand"])
        abandoned = {one["id"]: one for one in known if recovery.is_abandoned(one, host["time"])}
        if not abandoned or self.check_mode:
            return host
        origin = self.origin(options)
        for instance in sorted({one["instance"] for one in abandoned.values()}):
            for ended in self.host.recover(origin.owner, origin.run, instance)[0]:
                told = recovery.told(abandoned.get(ended["id"], ended), ended["state"])
                self.partial.setdefault("recovered", []).append(told)
        self.progress(recovery.summary(self.partial.get("recovered", []), [], planned=False))
        return self.inspect({**options, "facts": None})

    def origin(self, options: dict[str, Any]) -> Origin:
        """Who asks, for the locks and the journal of the host."""
        owner = f"{_user()}@{socket.gethostname()}"
        return Origin(owner=owner, run=options.get("run_id") or f"{owner} {self._task._uuid}")

    def progress(self, message: str) -> None:
        """A line in the task's output, or in the table of the callback ``fleet``. Never fails a run."""
        with contextlib.suppress(Exception):  # a callback, a pipe that is gone: the host works on all the same
            line = f"    [{self._task_vars.get('inventory_hostname', '?')}] {message}"
            if not self._tell({"text": str(message), **stages.where(message)}) or display.verbosity:
                display.display(line)
            elif C.DEFAULT_LOG_PATH:
                # Not without need: it goes through a queue, and a worker that Ctrl-C ends while it has the queue's lock leaves the
                # controller waiting for that for ever (ansible-core 2.21).
                display.display(line, log_only=True)

    def _begin(self, options: dict[str, Any]) -> None:
        """Tells the callback ``fleet`` what the module is about. Never fails a run."""
        with contextlib.suppress(Exception):
            name = options.get("name")
            self._about: dict[str, Any] = {
                "host": self._task_vars["inventory_hostname"],
                "action": str(self._task.action).rpartition(".")[2],
                "instance": name if isinstance(name, str) else None,
                "brand": options.get("brand"),
                "target": options.get("version"),
                "language": options.get("language"),
            }
            self._tell({})

    def _tell(self, news: dict[str, Any]) -> bool:
        """Whether the callback takes it; there is none unless an operator has asked for it."""
        return channel.is_open() and channel.send({**self._about, **news})

    def read_file(self, source: str) -> str:
        """A file of the operator's: as the shell would find it, else below ``files`` of the role or beside the playbook.

        Raises :class:`OSError` or :class:`UnicodeDecodeError`.
        """
        file = Path(source).expanduser()
        try:
            found = file if file.exists() else Path(self._find_needle("files", source))
        except AnsibleError as error:
            raise FileNotFoundError(str(error)) from error
        return found.read_text(encoding="utf-8-sig")

    def _run_agent(self, arguments: dict[str, Any]) -> dict[str, Any]:
        connections.refuse_unfit(self._connection, self._task_vars.get("inventory_hostname", "the host"))
        try:
            result: dict[str, Any] = self._execute_module(
                module_name=AGENT_MODULE, module_args=arguments, task_vars=self._task_vars
            )
        except Exception as failure:
            # The plugins let through whatever their libraries raise. The time-out of a task is no Exception.
            raise ConnectionLost(str(failure) or type(failure).__name__) from failure
        result.pop("invocation", None)
        return result

    def _reset_connection(self) -> None:
        """Gives up a connection that broke. The plugins keep the shell that they have had, which a restart of the host or of its service
        has taken away.
        """
        with contextlib.suppress(Exception):
            self._connection.reset()

    def _leave_former_host(self) -> None:
        """In a loop with ``delegate_to`` Ansible keeps the connection of the item before where both hosts have one address, whatever their
        ports: what is sent then goes to the former host.
        """
        if self._task.delegate_to and getattr(self._connection, "connected", False):
            with contextlib.suppress(Exception):
                self._connection.close()


def _user() -> str:
    """A container may run as a user that has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _check_facts(facts: Any) -> None:
    """Refuses what is no ``facts`` of instance_info."""
    instances = facts.get("instances")
    whole = isinstance(instances, list) and all(instance.get("fingerprint") for instance in instances)
    if not whole or "machine_id" not in facts:
        raise Refusal(
            "The option 'facts' is refused, nothing was touched. It wants the value 'facts' that comindware.platform.instance_info "
            f"returned; what was given has the keys: {', '.join(sorted(facts))}."
        )


def limits(options: dict[str, Any]) -> Limits:
    """The time limits that the options give."""
    return Limits(stop=options["stop_timeout"], start=options["start_timeout"], release=options["release_timeout"])


def version_option(options: dict[str, Any], name: str) -> Version:
    """An option that holds a version."""
    try:
        return Version.parse(options[name])
    except VersionError as error:
        raise Refusal(f"The option '{name}' is refused, nothing was touched. {error}") from error
