# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Take the module call out of what Ansible sends to a Windows host.

Ansible starts PowerShell with an encoded bootstrap script and writes everything else to its standard input. What it
writes there is internal to ansible-core and has had three shapes, which are recognised by what they contain:

A (up to 2.18): a script, four NULs, one JSON manifest with ``module_args``, ``csharp_utils`` and ``actions`` by name;
B (2.19 to 2.21): a JSON bootstrap, four NULs, a JSON manifest with ``scripts`` and ``actions`` with parameters;
C (2.22): as B, with the manifest base64 of gzip, and the arguments as a JSON text.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from typing import Any

from .calls import ModuleCall

_ENCODED_COMMAND = re.compile(r"-EncodedCommand\s+([A-Za-z0-9+/=]+)", re.IGNORECASE)
# 2.18 and earlier wrap the command line in a second one.
_DEEPEST_COMMAND = 4
# In the bootstrap script the separator is written in PowerShell's notation.
_BOOTSTRAP_MARK = "`0`0`0`0"
_SEPARATOR = b"\0\0\0\0"
_BOM = b"\xef\xbb\xbf"
_MAXIMUM_MANIFEST = 64 * 1024 * 1024
_COLLECTION_MODULE = re.compile(r"ansible_collections\.(\w+)\.(\w+)\.plugins\.modules\.(\w+)", re.IGNORECASE)


class PayloadError(Exception):
    """What was sent looks like a module call and cannot be read as one."""


class NotAModuleError(PayloadError):
    """What was sent is something else than a module call: raw, script, a file transfer."""


def decode(command_line: str, stdin: bytes) -> ModuleCall:
    """The module call in a command line and what was written to its standard input.

    Raises PayloadError, or its subclass NotAModuleError, and nothing else.
    """
    script = _innermost_script(command_line)
    if _BOOTSTRAP_MARK not in script:
        raise NotAModuleError(_describe(script))
    parts = stdin.removeprefix(_BOM).split(_SEPARATOR)
    if len(parts) < 2:
        raise PayloadError(f"no separator of four NULs in the {len(stdin)} bytes of standard input")
    manifest = _manifest(parts[1])
    return _from_scripts(manifest) if "scripts" in manifest else _from_actions(manifest)


def _innermost_script(command_line: str) -> str:
    text = command_line
    for _ in range(_DEEPEST_COMMAND):
        match = _ENCODED_COMMAND.search(text)
        if match is None:
            break
        text = _text(_bytes(match.group(1), "the encoded command"), "utf-16-le", "the encoded command")
    return text


def _describe(script: str) -> str:
    return " ".join(script.replace("\ufeff", "").split())[:120] or "(an empty command)"


def _manifest(data: bytes) -> dict[str, Any]:
    data = data.strip().removeprefix(_BOM)
    if data[:1] != b"{":
        data = _gunzip(_bytes(data, "the compressed manifest"))
    return _object(_json(_text(data, "utf-8", "the manifest"), "the manifest"), "the manifest")


def _from_actions(manifest: dict[str, Any]) -> ModuleCall:
    """Shape A."""
    actions = _strings(manifest.get("actions"), "actions")
    arguments = _object(manifest.get("module_args"), "module_args")
    sources = _object(manifest.get("csharp_utils"), "csharp_utils")
    wanted = _strings(manifest.get("csharp_utils_module"), "csharp_utils_module")
    return ModuleCall(
        module=_name(arguments.get("_ansible_module_name")),
        arguments=arguments,
        csharp_utils={name: _source(sources.get(name), name) for name in wanted},
        environment=_environment(manifest.get("environment")),
        asynchronous="async_wrapper" in actions,
        become="become_wrapper" in actions,
    )


def _from_scripts(manifest: dict[str, Any]) -> ModuleCall:
    """Shapes B and C."""
    scripts = _object(manifest["scripts"], "scripts")
    actions = {}
    for item in _list(manifest.get("actions"), "actions"):
        action = _object(item, "an action")
        actions[_name(action.get("name"))] = _object(action.get("params"), "the parameters of an action")
    wrapper = actions.get("module_wrapper.ps1")
    if wrapper is None or not wrapper.get("ForModule"):
        raise NotAModuleError("the script " + ", ".join(actions))
    wanted = _strings(wrapper.get("CSharpModules"), "CSharpModules")
    return ModuleCall(
        module=_resolved(_name(wrapper.get("Script"))),
        arguments=_arguments(wrapper),
        csharp_utils={
            name: _source(_object(scripts.get(name), f"the script {name}").get("script"), name) for name in wanted
        },
        environment=_environment(wrapper.get("Environment")),
        asynchronous="async_wrapper.ps1" in actions,
        become="become_wrapper.ps1" in actions,
    )


def _arguments(wrapper: dict[str, Any]) -> dict[str, Any]:
    if isinstance(wrapper.get("ArgumentJSON"), str):
        return _object(_json(wrapper["ArgumentJSON"], "the arguments"), "the arguments")
    for variable in _list(wrapper.get("Variables"), "Variables"):
        if isinstance(variable, dict) and variable.get("Name") == "complex_args":
            return _object(variable.get("Value"), "complex_args")
    raise PayloadError("the module has neither the variable complex_args nor ArgumentJSON")


def _resolved(script: str) -> str:
    match = _COLLECTION_MODULE.match(script)
    return ".".join(match.groups()) if match else script.removesuffix(".ps1")


def _environment(value: Any) -> dict[str, str]:
    # Before 2.19 the manifest carries a list of dictionaries or a dictionary, as the play wrote it.
    layers = value if isinstance(value, list) else [value or {}]
    return {str(name): str(text) for layer in layers for name, text in _object(layer, "the environment").items()}


def _source(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise PayloadError(f"the source of {name} is missing")
    return _text(_bytes(value, f"the source of {name}").removeprefix(_BOM), "utf-8", f"the source of {name}")


def _bytes(value: str | bytes, what: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise PayloadError(f"{what} is not base64: {error}") from error


def _gunzip(data: bytes) -> bytes:
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        unpacked = unpacker.decompress(data, _MAXIMUM_MANIFEST)
    except zlib.error as error:
        raise PayloadError(f"the compressed manifest is damaged: {error}") from error
    if not unpacker.eof:
        raise PayloadError(f"the compressed manifest is cut off, or larger than {_MAXIMUM_MANIFEST} bytes")
    return unpacked


def _text(data: bytes, encoding: str, what: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise PayloadError(f"{what} is not {encoding}: {error}") from error


def _json(text: str, what: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PayloadError(f"{what} is not JSON: {error}") from error


def _object(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise PayloadError(f"{what} should be an object, not {type(value).__name__}")
    return value


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise PayloadError(f"{what} should be a list, not {type(value).__name__}")
    return value


def _strings(value: Any, what: str) -> list[str]:
    if not all(isinstance(item, str) for item in _list(value, what)):
        raise PayloadError(f"{what} should be a list of strings")
    return list(value)


def _name(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise PayloadError(f"a name should be a text, not {value!r:.80}")
    return value
