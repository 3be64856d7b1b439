# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The operations that a plan is made of, one constructor each.

An operation is a plain dictionary, as docs/protocol.md describes it. The host records the inverse of every operation
before it acts, so a plan never has to say how to undo anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Operation = dict[str, Any]

KEEP = "Keep a copy of "
"""How the titles of :func:`copy_file` begin."""


def site_auto_start(site: str, value: bool, timeout_seconds: int) -> Operation:
    """ServerAutoStart of a site: whether IIS starts it by itself at boot. A runtime stop does not change it. An undo that starts it
    again waits for that for so long.
    """
    return {
        "op": "site_auto_start",
        "title": f"{'Let' if value else 'Do not let'} IIS start site '{site}' by itself",
        "site": site,
        "value": value,
        "timeout_seconds": timeout_seconds,
    }


def pool_start_mode(pool: str, auto_start: bool, start_mode: str, timeout_seconds: int) -> Operation:
    """AutoStart and startMode (OnDemand, AlwaysRunning) of an application pool. An undo that starts it again waits for that for so long."""
    return {
        "op": "pool_start_mode",
        "title": f"{'Let' if auto_start else 'Do not let'} IIS start pool '{pool}' by itself ({start_mode})",
        "pool": pool,
        "auto_start": auto_start,
        "start_mode": start_mode,
        "timeout_seconds": timeout_seconds,
    }


def stop_site(site: str, timeout_seconds: int) -> Operation:
    """Stops a site; done when its state is Stopped. Its worker processes live on until their pool is stopped."""
    return {"op": "stop_site", "title": f"Stop site '{site}'", "site": site, "timeout_seconds": timeout_seconds}


def start_site(site: str, timeout_seconds: int) -> Operation:
    """Starts a site; done when its state is Started."""
    return {"op": "start_site", "title": f"Start site '{site}'", "site": site, "timeout_seconds": timeout_seconds}


def stop_pool(pool: str, timeout_seconds: int) -> Operation:
    """Stops an application pool; done when its state is Stopped and none of its worker processes is left."""
    return {"op": "stop_pool", "title": f"Stop pool '{pool}'", "pool": pool, "timeout_seconds": timeout_seconds}


def start_pool(pool: str, timeout_seconds: int) -> Operation:
    """Starts an application pool; done when its state is Started."""
    return {"op": "start_pool", "title": f"Start pool '{pool}'", "pool": pool, "timeout_seconds": timeout_seconds}


def stop_service(service: str, timeout_seconds: int) -> Operation:
    """Stops a Windows service and waits for it."""
    return {
        "op": "stop_service",
        "title": f"Stop service '{service}'",
        "service": service,
        "timeout_seconds": timeout_seconds,
    }


def start_service(service: str, timeout_seconds: int) -> Operation:
    """Starts a Windows service and waits until it runs."""
    return {
        "op": "start_service",
        "title": f"Start service '{service}'",
        "service": service,
        "timeout_seconds": timeout_seconds,
    }


def ask_site(pool: str, url: str, address: str | None, patience_seconds: int) -> Operation:
    """Notes when the site last answered, if a worker of the pool runs; undone, waits for its answer, but not for longer than that."""
    return {
        "op": "ask_site",
        "title": f"Note that {url} answers",
        "pool": pool,
        "url": url,
        "address": address,
        "patience_seconds": patience_seconds,
    }


def wait_released(paths: Sequence[str], timeout_seconds: int) -> Operation:
    """Waits until no process holds a file below the paths."""
    return {
        "op": "wait_released",
        "title": "Wait until nobody holds a file below " + ", ".join(paths),
        "paths": list(paths),
        "timeout_seconds": timeout_seconds,
    }


def create_link(path: str, target: str, kind: str) -> Operation:
    """Creates a link: symlink_file, symlink_directory or junction."""
    return {
        "op": "create_link",
        "title": f"Link {path} -> {target}",
        "path": path,
        "target": target,
        "kind": kind,
    }


def remove_link(path: str) -> Operation:
    """Removes a link, never what it leads to; refused by the host if the path is not a link."""
    return {"op": "remove_link", "title": f"Remove link {path}", "path": path}


def registry_string(key: str, view: int, name: str, data: str) -> Operation:
    """Sets a REG_SZ value below HKEY_LOCAL_MACHINE in the 64-bit or the 32-bit view."""
    return {
        "op": "registry_value",
        "title": f"Set registry value {name} = {data} in HKLM\\{key} ({view}-bit view)",
        "hive": "HKLM",
        "key": key,
        "view": view,
        "name": name,
        "type": "string",
        "data": data,
    }


def environment_variable(name: str, value: str | None) -> Operation:
    """Sets a variable of the machine, or removes it."""
    told = f"Set the machine's variable {name}" if value is not None else f"Remove the machine's variable {name}"
    return {"op": "environment_variable", "title": told, "name": name, "value": value}


_REHEARSALS = {"none": "", "sample": ", restore a sample of it on trial", "whole": ", restore all of it on trial"}


def backup_set(
    directory: str,
    name: str,
    items: Sequence[dict[str, Any]],
    rehearse: str = "none",
    about: dict[str, Any] | None = None,
) -> Operation:
    r"""Writes a backup set ``<directory>\<name>`` with its manifest, and reads all of it back.

    ``rehearse``: none, sample or whole; what is restored into a scratch folder and compared before the set counts. ``about`` is kept
    in the manifest.
    """
    ids = ", ".join(item["id"] for item in items)
    operation: Operation = {
        "op": "backup_set",
        "title": f"Back up {ids} to {directory} and verify the copy{_REHEARSALS[rehearse]}",
        "directory": directory,
        "name": name,
        "items": list(items),
        "rehearse": rehearse,
    }
    return operation | ({"about": about} if about else {})


def prune_sets(directory: str, keep: int, protect: Sequence[str]) -> Operation:
    """Removes backup sets of the folder that are older than the ``keep`` newest good ones; never those of ``protect``.

    Belongs in ``on_confirm``: nothing brings them back.
    """
    return {
        "op": "prune_sets",
        "title": f"Remove backup sets in {directory} but the newest {keep} and those that a way back needs",
        "directory": directory,
        "keep": keep,
        "protect": list(protect),
    }


def remove_tree(path: str) -> Operation:
    """Removes a folder that the agent keeps for itself, or a backup set that is done; nothing else, and nothing while another transaction
    is unfinished.

    Belongs in ``on_confirm``: nothing brings it back.
    """
    return {"op": "remove_tree", "title": f"Remove {path}", "path": path}


def protect_tree(path: str, backup: str, item: str, timeout_seconds: int) -> Operation:
    """Changes nothing; when undone, puts the tree back from an item of a backup set made earlier in the transaction, as soon as nobody
    holds a file below the path.
    """
    return {
        "op": "protect_tree",
        "title": f"From here on, undoing puts {path} back from the backup",
        "path": path,
        "backup": backup,
        "item": item,
        "timeout_seconds": timeout_seconds,
    }


def edit_file(path: str, what: str, edits: Sequence[dict[str, str]]) -> Operation:
    """Replaces the group ``value`` of each edit's ``pattern`` by its ``value``; everything else stays, byte for byte.

    The text never leaves the host. Fails when a pattern is not found exactly once.
    """
    return {"op": "write_file", "title": f"Write '{what}' to {path}", "path": path, "edits": list(edits)}


def write_file(path: str, text: str, encoding: str, secrets_from: Sequence[str] = ()) -> Operation:
    r"""Writes a text: ``encoding`` is utf-8, utf-8-bom, utf-16-le, utf-16-be or ansi.

    Tokens of secrets in it become values again on the host, taken from the files ``secrets_from``; a file that the
    transaction has replaced or removed by then is read as it was. Folders that are missing are created below the agent's
    own root only.
    """
    operation: Operation = {
        "op": "write_file",
        "title": f"Write {path}",
        "path": path,
        "text": text,
        "encoding": encoding,
    }
    return operation | ({"secrets_from": list(secrets_from)} if secrets_from else {})


def restore_tree(path: str, backup: str, item: str, timeout_seconds: int, kind: str = "tree") -> Operation:
    """Puts a tree, or with the kind ``file`` one file, back from an item of a backup set of an earlier transaction.

    The set is verified first, and nobody may hold a file below the path. A tree needs a :func:`protect_tree` of the same
    path, from another set, before it in the plan; the present file is saved by the operation itself.
    """
    return {
        "op": "restore_tree",
        "title": f"Put {path} back from the backup {backup}",
        "path": path,
        "backup": backup,
        "item": item,
        "kind": kind,
        "timeout_seconds": timeout_seconds,
    }


def restore_registry(key: str, view: int, backup: str, item: str) -> Operation:
    """Makes a key below HKEY_LOCAL_MACHINE, with everything below it, what an item of a backup set has; no value leaves the host."""
    return {
        "op": "restore_registry",
        "title": f"Put HKLM\\{key} ({view}-bit view) back from the backup {backup}",
        "hive": "HKLM",
        "key": key,
        "view": view,
        "backup": backup,
        "item": item,
    }


def verify_set(backup: str, items: Sequence[str]) -> Operation:
    """Reads items of a backup set and compares every file with the manifest; changes nothing."""
    return {
        "op": "verify_set",
        "title": f"Verify {', '.join(items)} in the backup {backup}",
        "backup": backup,
        "items": list(items),
    }


def extract(path: str, backup: str, item: str | None, timeout_seconds: int) -> Operation:
    """Lays a tree of a backup set out at another place, or the whole set when ``item`` is None; the folder must be empty or missing.

    When undone, all that lies there goes again.
    """
    operation: Operation = {
        "op": "extract",
        "title": f"Lay {item or 'everything'} of the backup {backup} out in {path}",
        "path": path,
        "backup": backup,
        "timeout_seconds": timeout_seconds,
    }
    return operation | ({"item": item} if item else {})


def run_script(
    path: str,
    arguments: Sequence[str],
    changes: Sequence[str],
    timeout_seconds: int,
    success_pattern: str | None = None,
) -> Operation:
    """Runs a script of PowerShell as SYSTEM; success is exit code 0 and, if given, a match of the pattern in its output.

    ``changes`` are the folders that it changes, each covered by a :func:`protect_tree` before it in the plan. The host
    refuses a script that others than administrators could change.
    """
    operation: Operation = {
        "op": "run_script",
        "title": " ".join(["Run", path, *arguments]),
        "path": path,
        "arguments": list(arguments),
        "changes": list(changes),
        "timeout_seconds": timeout_seconds,
    }
    return operation | ({"success_pattern": success_pattern} if success_pattern else {})


def copy_file(path: str, source: str) -> Operation:
    """Writes a copy of another file of the host."""
    return {"op": "write_file", "title": f"{KEEP}{source} as {path}", "path": path, "copy_from": source}


def create_folder(path: str) -> Operation:
    """Creates a folder that is missing, and those above it."""
    return {"op": "create_folder", "title": f"Make sure that the folder {path} exists", "path": path}


def remove_folder(path: str) -> Operation:
    """Removes a folder if it is empty; leaves it if it holds something."""
    return {"op": "remove_folder", "title": f"Remove the folder {path} if it is empty", "path": path}


def remove_file(path: str) -> Operation:
    """Removes a file; never through a link, never a folder."""
    return {"op": "remove_file", "title": f"Remove {path}", "path": path}
