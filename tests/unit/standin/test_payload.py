# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The decoder against recordings of real ansible-core releases, whole and damaged."""

from __future__ import annotations

import base64
import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from standin.winrm.calls import ModuleCall
from standin.winrm.payload import NotAModuleError, PayloadError, decode
from standin.winrm.recording import REQUEST, rebuild

RECORDINGS = sorted(Path(__file__).with_name("payloads").glob("*.json"))
HOST_AGENT = [path for path in RECORDINGS if ".host_agent." in path.name]
WIN_PING = [path for path in RECORDINGS if ".win_ping." in path.name]
MUTANTS = 60


def name_of(path: Path) -> str:
    return path.stem


def load(path: Path) -> dict[str, Any]:
    recording: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return recording


def powershell(script: str) -> str:
    return "PowerShell -NoProfile -EncodedCommand " + base64.b64encode(script.encode("utf-16-le")).decode()


def as_shape_c(recording: dict[str, Any]) -> dict[str, Any]:
    """A recording of shape B as 2.22 would send it: the manifest compressed, the arguments as a JSON text."""
    parameters = recording["manifest"]["actions"][-1]["params"]
    arguments = next(variable["Value"] for variable in parameters.pop("Variables"))
    parameters["ArgumentJSON"] = json.dumps(arguments)
    return {**recording, "compressed": True}


def test_the_four_releases_are_recorded() -> None:
    releases = {path.name.rsplit(".", 3)[0] for path in HOST_AGENT}
    assert releases == {"2.16", "2.18", "2.19", "2.21"} == {path.name.rsplit(".", 3)[0] for path in WIN_PING}


@pytest.mark.parametrize("path", HOST_AGENT, ids=name_of)
def test_host_agent(path: Path) -> None:
    call = decode(*rebuild(load(path)))
    assert call.module == "comindware.platform.host_agent"
    assert json.loads(base64.b64decode(call.arguments["request"])) == REQUEST
    assert call.arguments["_ansible_check_mode"] is False
    assert not call.asynchronous and not call.become
    own = {name: text for name, text in call.csharp_utils.items() if not name.startswith("Ansible.")}
    assert len(own) == 2
    assert any("Повторяет" in text and "class Agent" in text for text in own.values())


@pytest.mark.parametrize("path", WIN_PING, ids=name_of)
def test_win_ping(path: Path) -> None:
    call = decode(*rebuild(load(path)))
    assert call.module == "ansible.windows.win_ping"
    assert all(name.startswith("Ansible.") for name in call.csharp_utils)


@pytest.mark.parametrize("path", RECORDINGS, ids=name_of)
def test_no_recording_names_a_machine_or_carries_scripts_of_ansible(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not any(word in text for word in ("/tmp", "/root", "/home", "site-packages"))
    assert path.stat().st_size < 8192


@pytest.mark.parametrize("path", [path for path in HOST_AGENT if "2.21" in path.name], ids=name_of)
def test_compressed_manifest_and_argument_json(path: Path) -> None:
    plain = decode(*rebuild(load(path)))
    assert decode(*rebuild(as_shape_c(load(path)))) == plain


@pytest.mark.parametrize("path", HOST_AGENT, ids=name_of)
@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b"\n\0\0\0\0\n", b"\r\n\0\0\0\0\r\n"),
        lambda data: data + b"\r\n\0\0\0\0\r\n",
        lambda data: data + b"\n",
    ],
    ids=["byte order mark", "CRLF", "empty input", "line end"],
)
def test_what_powershell_tolerates_is_decoded(path: Path, change: Callable[[bytes], bytes]) -> None:
    line, stdin = rebuild(load(path))
    assert decode(line, change(stdin)) == decode(line, stdin)


def damaged(data: bytes, chance: random.Random) -> bytes:
    at, until = sorted(chance.randrange(len(data)) for _ in range(2))
    kind = chance.randrange(6)
    if kind == 0:
        return data[:at]
    if kind == 1:
        return data[:at] + data[until:]
    if kind == 2:
        return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
    if kind == 3:
        return data[:until] + data[at:]
    if kind == 4:
        return data.replace(b"\n", b"\r\n").replace(b'"', b"'", chance.randrange(3))
    return data.replace(*chance.choice([(b"{", b"["), (b"}", b""), (b"null", b"{}"), (b"[]", b"7"), (b'"', b'\\"')]))


@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "compressed"])
@pytest.mark.parametrize("path", RECORDINGS, ids=name_of)
def test_damaged_payloads_are_decoded_or_refused(path: Path, compressed: bool) -> None:
    chance = random.Random(f"{path.name} {compressed}")
    line, stdin = rebuild({**load(path), "compressed": compressed})
    refused = 0
    for _ in range(MUTANTS):
        for mutant in ((line, damaged(stdin, chance)), (damaged(line.encode(), chance).decode("latin-1"), stdin)):
            try:
                call = decode(*mutant)
            except PayloadError:
                refused += 1
            else:
                assert isinstance(call, ModuleCall)
                assert all(isinstance(text, str) for text in call.csharp_utils.values())
    assert refused


@pytest.mark.parametrize("path", HOST_AGENT, ids=name_of)
def test_any_value_of_the_manifest_may_be_of_another_type(path: Path) -> None:
    recording = load(path)

    def variants(value: Any) -> list[Any]:
        """The value with each of its parts replaced by something else."""
        replaced: list[Any] = [None, 7, "x", [], {}, [None], {"": None}]
        children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, child in children:
            for other in variants(child):
                copy = value.copy()
                copy[key] = other
                replaced.append(copy)
        return replaced

    for manifest in variants(recording["manifest"]):
        try:
            decode(*rebuild({**recording, "manifest": manifest}))
        except PayloadError:
            continue


@pytest.mark.parametrize(
    ("line", "stdin"),
    [
        ("", b""),
        ("whoami", b""),
        ("PowerShell -EncodedCommand =", b""),
        (powershell("Get-Process; exit"), b""),
        (powershell("$input | Set-Content 'C:\\x.txt'"), b"any bytes \0\0\0\0 {}"),
        ("type C:\\x.ps1 | " + powershell("iex"), b""),
    ],
)
def test_other_commands_are_no_modules(line: str, stdin: bytes) -> None:
    with pytest.raises(PayloadError):
        decode(line, stdin)


def test_a_helper_script_of_ansible_is_named() -> None:
    manifest = {"scripts": {}, "actions": [{"name": "winrm_put_file.ps1", "params": {"Path": "C:\\x"}}]}
    with pytest.raises(NotAModuleError, match=r"winrm_put_file\.ps1"):
        decode(powershell("`0`0`0`0"), b"{}\n\0\0\0\0\n" + json.dumps(manifest).encode())


def test_a_raw_command_is_quoted_in_part_only() -> None:
    with pytest.raises(NotAModuleError) as caught:
        decode(powershell("Get-Item " + "x" * 500), b"")
    assert str(caught.value).startswith("Get-Item xxx") and len(str(caught.value)) == 120


def test_a_bomb_is_not_unpacked() -> None:
    bomb = base64.b64encode(gzip.compress(b" " * (65 * 1024 * 1024)))
    with pytest.raises(PayloadError, match="larger than"):
        decode(powershell("`0`0`0`0"), b"{}\n\0\0\0\0\n" + bomb)


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(PayloadError, match="not JSON"):
        decode(powershell("`0`0`0`0"), b"x\0\0\0\0" + b'{"a":' * 100_000)


@pytest.mark.parametrize(
    ("actions", "asynchronous", "become"),
    [(["async_wrapper", "async_watchdog"], True, False), (["become_wrapper"], False, True)],
)
@pytest.mark.parametrize("path", HOST_AGENT, ids=name_of)
def test_async_and_become_are_seen(path: Path, actions: list[str], asynchronous: bool, become: bool) -> None:
    recording = load(path)
    manifest = recording["manifest"]
    if "scripts" in manifest:
        manifest["actions"] = [{"name": f"{name}.ps1", "params": {}} for name in actions] + manifest["actions"]
    else:
        manifest["actions"] = actions + manifest["actions"]
    call = decode(*rebuild(recording))
    assert (call.asynchronous, call.become) == (asynchronous, become)
