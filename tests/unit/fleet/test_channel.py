# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The pipe between workers and the callback, and that nothing about it fails a run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from ansible import constants
from ansible_collections.comindware.platform.plugins.plugin_utils import action_base, stages
from ansible_collections.comindware.platform.plugins.plugin_utils.action_base import PlatformAction
from ansible_collections.comindware.platform.plugins.plugin_utils.fleet import channel
from ansible_collections.comindware.platform.plugins.plugin_utils.fleet.channel import Channel


@pytest.fixture
def opened() -> Iterator[Channel]:
    yield channel.open_channel()
    channel.close_channel()


class Shown:
    """Stands for the display of ansible-core: what came to the screen, and what to a log only."""

    def __init__(self, verbosity: int = 0) -> None:
        self.verbosity = verbosity
        self.screen: list[str] = []
        self.log: list[str] = []

    def display(self, line: str, log_only: bool = False) -> None:
        (self.log if log_only else self.screen).append(line)


class Task:
    action = "comindware.platform.instance_upgrade"


class Telling(PlatformAction):
    """An action without Ansible around it."""

    argument_spec = {}

    def __init__(self) -> None:
        self._task_vars = {"inventory_hostname": "app01"}
        self._task = Task()
        self._begin({"name": "Продажи", "version": "5.0.2"})

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        return options


def test_a_forked_worker_tells_its_parent(opened: Channel) -> None:
    worker = os.fork()
    if not worker:
        channel.send({"host": "app01", "text": "Продажи"})
        os._exit(0)
    opened.wait(10)
    os.waitpid(worker, 0)
    assert opened.receive() == [{"host": "app01", "text": "Продажи"}]
    assert opened.receive() == []


@pytest.mark.parametrize(("log_file", "logged"), [(None, []), ("run.log", ["    [app01] 2/9 Stop"])])
def test_an_action_tells_what_it_is_about_and_where_it_is(
    opened: Channel, monkeypatch: pytest.MonkeyPatch, log_file: str | None, logged: list[str]
) -> None:
    shown = Shown()
    monkeypatch.setattr(action_base, "display", shown)
    monkeypatch.setattr(constants, "DEFAULT_LOG_PATH", log_file)
    Telling().progress(stages.Line("2/9 Stop", {"stage": stages.STOP, "step": 2, "steps": 9}))
    about = {"host": "app01", "action": "instance_upgrade", "instance": "Продажи", "brand": None}
    about |= {"target": "5.0.2", "language": None}
    assert opened.receive() == [about, {**about, "text": "2/9 Stop", "stage": "stop", "step": 2, "steps": 9}]
    assert (shown.screen, shown.log) == ([], logged)


@pytest.mark.usefixtures("opened")
def test_verbosity_brings_the_lines_back(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Shown(verbosity=1)
    monkeypatch.setattr(action_base, "display", shown)
    Telling().progress("Stop")
    assert shown.screen == ["    [app01] Stop"]


def test_without_the_callback_lines_are_shown_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Shown()
    monkeypatch.setattr(action_base, "display", shown)
    Telling().progress("Stop")
    assert shown.screen == ["    [app01] Stop"]


def test_a_full_disk_behind_it_shows_lines_as_ever(opened: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Shown()
    monkeypatch.setattr(action_base, "display", shown)
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, opened._write)
    os.close(full)
    Telling().progress("Stop")
    assert shown.screen == ["    [app01] Stop"]


def test_a_full_pipe_loses_messages_and_waits_for_nobody(opened: Channel) -> None:
    text = "x" * 1000
    assert all(opened.send({"host": "app01", "text": text}) for _ in range(1000))
    received = opened.receive()
    assert 10 < len(received) < 1000
    assert all(one == {"host": "app01", "text": text} for one in received)


def test_a_text_that_is_too_long_for_one_piece_is_left_out(opened: Channel) -> None:
    opened.send({"host": "app01", "text": "Ж" * 4000, "stage": "stop"})
    assert opened.receive() == [{"host": "app01", "text": "", "stage": "stop"}]


def test_what_is_no_message_is_no_message(opened: Channel) -> None:
    os.write(opened._write, b'nonsense\n\xff\n[1]\n{"host": 1}\n{"host": "a')
    assert opened.receive() == []
    os.write(opened._write, b'pp01"}\n')
    assert opened.receive() == [{"host": "app01"}]


def test_a_pipe_that_is_gone_is_told() -> None:
    gone = Channel()
    gone.close()
    gone.close()
    assert not gone.send({"host": "app01"})
    with pytest.raises(OSError, match="Bad file descriptor"):
        gone.receive()
