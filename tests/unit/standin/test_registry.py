# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from pathlib import Path

from standin.windows.registry import ExpandString, QWord, Registry

KEY = r"HKLM\SOFTWARE\Comindware\Instances\Продажи & 1"

# Written by Mono 6.8: RegistryKey.SetValue with each kind of value.
WRITTEN_BY_MONO = """<values>
<value name="q"
type="qword">5000000000</value>
<value name="e"
type="expand">%SystemRoot%\\x</value>
<value name="b"
type="bytearray">AQL/</value>
<value name="m"
type="string-array">
<string>a</string>
<string>b</string>
</value>
<value name="port"
type="int">80</value>
<value name="path"
type="string">C:\\Пример &lt;a&gt;</value>
<value name=""
type="string">default</value>
</values>"""


def test_reads_what_mono_writes(tmp_path: Path) -> None:
    folder = tmp_path / "LocalMachine" / "software" / "comindware" / "instances" / "продажи & 1"
    folder.mkdir(parents=True)
    (folder / "values.xml").write_text(WRITTEN_BY_MONO, encoding="utf-8")
    registry = Registry(tmp_path)
    values = registry.read(KEY)
    assert values == {
        "q": 5000000000,
        "e": r"%SystemRoot%\x",
        "b": b"\x01\x02\xff",
        "m": ["a", "b"],
        "port": 80,
        "path": r"C:\Пример <a>",
        "": "default",
    }
    assert values is not None and isinstance(values["q"], QWord) and isinstance(values["e"], ExpandString)
    assert registry.keys(r"HKLM\Software\COMINDWARE\Instances") == ["продажи & 1"]


def test_names_ignore_case_and_other_values_stay(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    registry.write(KEY, {"version": "4.2.612.0", "port": 80})
    registry.write(KEY.upper(), {"VERSION": "4.7.23499.0"})
    assert registry.read(KEY.lower().replace("hklm", "HKLM")) == {"version": "4.7.23499.0", "port": 80}
    assert registry.value(KEY, "Version") == "4.7.23499.0"
    assert registry.everything() == {KEY.lower().replace("hklm", "HKLM"): {"version": "4.7.23499.0", "port": 80}}


def test_a_missing_key_is_told_from_an_empty_one(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    registry.write(KEY, {})
    assert registry.read(KEY) == {}
    assert registry.read(r"HKLM\SOFTWARE\Other") is None
    registry.delete(KEY)
    assert registry.read(KEY) is None
