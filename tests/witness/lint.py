# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The product's C# by Microsoft's compiler and analyzers: `python -m witness.lint` in tests/. A finding is suppressed by an attribute
SuppressMessage with a Justification, and by nothing else.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import bundle, prefix
from .programs import CSC

UTILS = bundle.ROOT / "plugins" / "module_utils"

CATEGORIES = ("Security", "Reliability", "Interoperability")
"""All rules of these are in use: a test fails for one that `lint.config` does not wake."""

CONFIG = (Path(__file__).parent / "lint.config").read_text(encoding="ascii")

_ANALYZERS = (
    r"T:\csc\analyzers\Microsoft.CodeAnalysis.NetAnalyzers.dll",
    r"T:\csc\analyzers\Microsoft.CodeAnalysis.CSharp.NetAnalyzers.dll",
)
_STRICT = ("/nologo", "/nostdlib+", "/utf8output", "/warn:4", "/warnaserror+")
_SECONDS = 600

# What _Compiler.cs gives to the compiler of the host.
_OPTION = re.compile(r'"(/(?:target|optimize|codepage|langversion|define|reference):?[^"]*)"')
_ASSEMBLY = re.compile(r"//\s*AssemblyReference\s+-Name\s+([\w.]+)(?:\s+-CLR\s+(Core|Framework))?")
_NO_WARNING = re.compile(r"//\s*NoWarn\s+-Name\s+(\w+)(?:\s+-CLR\s+(Core|Framework))?")


class NotCompiled(Exception):
    """The compiler has told nothing that can be read."""


@dataclass(frozen=True)
class Way:
    """A way in which hosts compile the sources."""

    options: tuple[str, ...]
    analyzed: bool = False


def sources() -> dict[str, str]:
    """The product's C# by file name."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(UTILS.glob("_*.cs"))}


def worker() -> Way:
    """By csc.exe of .NET Framework, as the agent calls it. Analyzed for all: what the others have, it has."""
    found: list[str] = _OPTION.findall((UTILS / "_Compiler.cs").read_text(encoding="utf-8"))
    kept = (option for option in found if not option.startswith("/reference:"))
    named = (option.removeprefix("/reference:") for option in found if option.startswith("/reference:"))
    return Way((*kept, *_of_framework(named)), analyzed=True)


def module() -> Way:
    """By Add-CSharpType of ansible-core in Windows PowerShell 5.1."""
    assemblies = ("System.dll", "System.Core.dll", *_directives(_ASSEMBLY, "Framework"))
    options = ("/target:library", "/optimize+", "/langversion:5", "/define:WINDOWS;AMD64")
    return Way((*options, *_no_warnings("Framework"), *_of_framework(assemblies)))


def module_of_powershell_7() -> Way:
    """By Add-CSharpType of ansible-core in PowerShell 7."""
    shell = bundle.unpacked() / "powershell"
    references = [r"T:\powershell\System.Management.Automation.dll"]
    references += [rf"T:\powershell\ref\{path.name}" for path in sorted((shell / "ref").glob("*.dll"))]
    references += [rf"T:\dotnet\shared\Microsoft.NETCore.App\{name}" for name in _directives(_ASSEMBLY, "Core")]
    options = ("/target:library", "/optimize+", "/langversion:default", "/define:AMD64;CORECLR;WINDOWS")
    return Way((*options, *_no_warnings("Core"), *(f"/reference:{path}" for path in references)))


WAYS = {"worker": worker, "module": module, "module of PowerShell 7": module_of_powershell_7}


def _of_framework(assemblies: Iterator[str] | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(rf"/reference:T:\net48\{name}" for name in ("mscorlib.dll", *assemblies))


def _directives(pattern: re.Pattern[str], clr: str) -> list[str]:
    """Of the comments that Add-CSharpType understands, those for this kind of .NET."""
    text = "\n".join(sources().values())
    return [name for name, only in pattern.findall(text) if only in ("", clr)]


def _no_warnings(clr: str) -> list[str]:
    return [f"/nowarn:{name}" for name in _directives(_NO_WARNING, clr)]


def findings(folder: Path, way: Way, units: Mapping[str, str]) -> list[str]:
    """What compiler and analyzers find in these sources, in the prefix of that folder."""
    with tempfile.TemporaryDirectory(dir=folder / "drive_c", prefix="lint-") as work:
        return build(folder, Path(work), way, units)


def build(folder: Path, work: Path, way: Way, units: Mapping[str, str]) -> list[str]:
    """As above; what is compiled is `out.dll` in `work`, a folder below C: of that prefix."""
    return _told(_compiled(folder, work, way, units), way)


def _compiled(folder: Path, work: Path, way: Way, units: Mapping[str, str]) -> dict[str, Any]:
    """The compiler's own log (SARIF)."""
    for name, text in units.items():
        (work / name).write_text(text, encoding="utf-8")
    (work / "lint.config").write_text(CONFIG, encoding="ascii")
    windows = rf"C:\{work.name}"
    analyzers = (f"/analyzerconfig:{windows}\\lint.config", *(f"/analyzer:{path}" for path in _ANALYZERS))
    options = [*_STRICT, *way.options, *(analyzers if way.analyzed else ()), rf"/out:{windows}\out.dll"]
    lines = [*options, rf"/errorlog:{windows}\log.sarif,version=2.1", *(rf"{windows}\{name}" for name in units)]
    (work / "options.rsp").write_text("\n".join(f'"{line}"' for line in lines), encoding="utf-8")
    _code, said = prefix.said_by(folder, CSC, "/noconfig", rf"@{windows}\options.rsp", seconds=_SECONDS)
    try:
        log: dict[str, Any] = json.loads((work / "log.sarif").read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise NotCompiled(said) from error
    return log


def _told(log: dict[str, Any], way: Way) -> list[str]:
    (run,) = log["runs"]
    lines = [line for result in run["results"] if (line := _line(result))]
    rules = run["tool"]["driver"]["rules"]
    if way.analyzed:
        lines += [f"{rule['id']}: off by default, and not named in lint.config" for rule in rules if _is_asleep(rule)]
    return sorted(lines)


def _line(result: dict[str, Any]) -> str | None:
    """A result as a finding; None if it is but advice, or suppressed with a reason."""
    suppressions = result.get("suppressions", [])
    if result.get("level") not in ("warning", "error") or any(one.get("justification") for one in suppressions):
        return None
    where = ""
    for location in result.get("locations", []):
        place = location["physicalLocation"]
        where = f"{place['artifactLocation']['uri'].rpartition('/')[2]}({place['region']['startLine']}): "
    unreasoned = "suppressed without a reason: " if suppressions else ""
    return f"{where}{result['ruleId']}: {unreasoned}{result['message']['text']}"


def _is_asleep(rule: dict[str, Any]) -> bool:
    enabled = rule.get("defaultConfiguration", {}).get("enabled", True)
    return not enabled and rule["properties"].get("category") in CATEGORIES and f".{rule['id']}." not in CONFIG


def main() -> int:
    try:
        with prefix.throw_away() as folder:
            found = [f"{name}: {line}" for name, way in WAYS.items() for line in findings(folder, way(), sources())]
    except bundle.Missing as missing:
        print(missing, file=sys.stderr)
        return 2
    print("\n".join([*found, f"findings {len(found)}"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
