# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The command line: `python -m standin VERB`, from the folder `tests`."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from . import control
from .fleet import Fleet, FleetRuns, running_process
from .verbs import HELP

_DEMO = Path(__file__).parent / "fleets" / "demo.yml"
_LONGEST_START_SECONDS = 60
_LONGEST_STOP_SECONDS = 30


def main() -> int:
    options = _options()
    folder: Path = options.fleet.resolve()
    try:
        if options.verb == "start":
            return _detach(folder, options.description) if options.detach else _serve(folder, options.description)
        if options.verb == "stop":
            return _stop(folder)
        if options.verb == "list":
            return _list(folder)
        return _ask(folder, options.host, options.verb, options.arguments)
    except (OSError, ValueError, TypeError, RuntimeError, FleetRuns) as error:
        print(f"standin: {error}", file=sys.stderr)
        return 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m standin", description="A fleet of stand-in Windows hosts.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    start = verbs.add_parser("start", help="create the fleet if there is none, and run it until Ctrl-C")
    start.add_argument("--description", type=Path, default=_DEMO, help="of a new fleet (default: %(default)s)")
    start.add_argument("--detach", action="store_true", help="return as soon as it runs")
    for parsers in (start, verbs.add_parser("stop", help="stop it"), verbs.add_parser("list", help="what runs")):
        parsers.add_argument("--fleet", type=Path, required=True, help="the fleet's folder")
    for verb, text in HELP.items():
        one = verbs.add_parser(verb, help=text.strip())
        one.add_argument("fleet", type=Path, help="the fleet's folder")
        one.add_argument("host")
        one.add_argument("arguments", nargs="*", help=text.strip())
    return parser.parse_args()


def _serve(folder: Path, description: Path) -> int:
    fleet = Fleet.load(folder) if (folder / "hosts").is_dir() else Fleet.create(folder, description)
    # Both are set: a shell starts its background jobs with SIGINT ignored.
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)
    try:
        fleet.start()
        print(_welcome(folder), flush=True)
        while True:
            signal.pause()
    except KeyboardInterrupt:
        return 0
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave half a fleet
        if running_process(folder) == os.getpid():
            fleet.stop()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _detach(folder: Path, description: Path) -> int:
    folder.parent.mkdir(parents=True, exist_ok=True)
    log = folder.parent / f"{folder.name}.log"
    command = [sys.executable, "-m", "standin", "start", "--fleet", str(folder), "--description", str(description)]
    with log.open("ab") as file:
        process = subprocess.Popen(
            command,
            cwd=Path(__file__).parent.parent,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    deadline = time.monotonic() + _LONGEST_START_SECONDS
    while running_process(folder) != process.pid:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the fleet did not start; see {log}")
        time.sleep(0.05)
    print(_welcome(folder))
    return 0


def _stop(folder: Path) -> int:
    pid = running_process(folder)
    if pid is None:
        print(f"no fleet runs in {folder}")
        return 0
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + _LONGEST_STOP_SECONDS
    while running_process(folder):
        if time.monotonic() > deadline:
            raise RuntimeError(f"process {pid} does not stop")
        time.sleep(0.05)
    print(f"the fleet in {folder} is stopped")
    return 0


def _list(folder: Path) -> int:
    hosts = sorted((folder / "hosts").glob("*"))
    if running_process(folder) is None:
        print(f"no fleet runs in {folder}; its hosts: {', '.join(host.name for host in hosts) or 'none'}")
        return 0
    for host in hosts:
        print(control.ask(host, "#status", []).stdout.decode(), end="")
    return 0


def _ask(folder: Path, name: str, verb: str, arguments: list[str]) -> int:
    host = folder / "hosts" / name
    if not host.is_dir():
        known = ", ".join(path.name for path in sorted((folder / "hosts").glob("*")))
        raise ValueError(f"there is no host {name} in {folder}; there are: {known or 'none'}")
    answer = control.ask(host, f"#{verb}", arguments)
    sys.stdout.write(answer.stdout.decode())
    sys.stderr.write(answer.stderr.decode())
    return answer.exit_code


def _welcome(folder: Path) -> str:
    running = json.loads((folder / "fleet.json").read_text(encoding="utf-8"))
    inventory, hosts = running["inventory"], running["hosts"]
    lines = [f"The fleet runs. Inventory: {inventory}", ""]
    for name, host in hosts.items():
        lines += [f"  {name}: {instance} at {url}" for instance, url in host["urls"].items()]
    first = next(iter(hosts))
    root = Path(__file__).resolve().parents[2]
    lines += [
        "",
        "In another terminal:",
        f"  export PATH={Path(sys.executable).parent}:$PATH ANSIBLE_COLLECTIONS_PATH={root / '.build'}",
        f"  ansible-playbook -i {inventory} comindware.platform.inspect",
        f"  ansible-playbook -i {inventory} comindware.platform.upgrade -e upgrade_target_version=5.0.24055.0 --check --diff",
        f"  cd {root / 'tests'}",
        f"  python -m standin list --fleet {folder}",
        *(f"  python -m standin {verb} {folder} {first} {text.strip()}" for verb, text in HELP.items()),
        f"  python -m standin stop --fleet {folder}",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
