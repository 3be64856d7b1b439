# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The query `zip`: an archive is good only when every byte of every entry was proved."""

from __future__ import annotations

import io
import os
import random
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from .conftest import Agent, AgentError

FOLDER = r"D:\Копии"
FILE = FOLDER + r"\Backup.202611221000.cdbbz"
ONE, TWO = "Database/db/part-0.bin", "Database/кэш/часть 1.bin"
CONTENT = random.Random(1).randbytes(3000) + b"a" * 500_000
WANTED = ["Database/*"]


def packed(files: dict[str, bytes] | None = None, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive as the product writes it: folders have entries of their own."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr(zipfile.ZipInfo("Database/"), b"")
        for name, content in (files or {ONE: CONTENT, TWO: b"12345", "Streams/x": b""}).items():
            archive.writestr(name, content)
    return stream.getvalue()


def checked(agent: Agent, content: bytes | None = None, **fields: Any) -> dict[str, Any]:
    """The answer about the file, which gets the content first."""
    if content is not None:
        agent.write(FILE, content)
    (item,) = agent.query("zip", **{"paths": [FILE], "entries": WANTED, **fields})["items"]
    assert isinstance(item, dict)
    return item


def told(agent: Agent, content: bytes, **fields: Any) -> tuple[str, str]:
    item = checked(agent, content, **fields)
    return item["state"], item["reason"]


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_a_good_archive(agent: Agent, method: int) -> None:
    content = packed(method=method)
    item = checked(agent, content, entries=["Database/*", "database/КЭШ/*"])
    assert item.pop("modified").endswith("Z")
    assert item == {
        "path": FILE,
        "exists": True,
        "size": len(content),
        "files": 3,
        "bytes": len(CONTENT) + 5,
        "state": "good",
        "reason": None,
        "found": {"Database/*": 2, "database/КЭШ/*": 1},
    }


def test_names_with_backslashes_and_without_the_flag_of_utf_8(agent: Agent) -> None:
    content = packed({"Database/one": b"1"}).replace(b"Database/one", b"Database\\\xe0ne")
    assert checked(agent, content)["found"] == {"Database/*": 1}


class Unseekable(io.RawIOBase):
    """What is written to a pipe has its sizes behind the data."""

    def __init__(self) -> None:
        self.content = b""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.content += bytes(data)
        return len(data)


def test_an_archive_that_was_written_to_a_pipe(agent: Agent) -> None:
    pipe = Unseekable()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(ONE, CONTENT)
    assert checked(agent, pipe.content)["state"] == "good"


# ZIP64.


def zip64(many: bool = False, comment: bytes = b"") -> bytes:
    """Every 64-bit field is used, as in an archive above 4 GiB; ``many``: more entries than 16 bits can count."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(65_600 if many else 2):
            archive.writestr(f"Database/{number}", CONTENT if number == 1 else b"x")
        archive.comment = comment
    plain = stream.getvalue()
    if many:
        return plain
    return b"".join(_long(plain))


def _long(plain: bytes) -> Iterator[bytes]:
    """The same archive with the directory and its end written anew, in 64-bit fields."""
    end = plain.index(b"PK\5\6")
    comment = plain[end + 22 :]
    count, _size, start = struct.unpack_from("<HII", plain, end + 10)
    yield plain[:start]
    at, size = start, 0
    for _entry in range(count):
        head = bytearray(plain[at : at + 46])
        packed_size, full, name, extra = struct.unpack_from("<IIHH", head, 20)
        (offset,) = struct.unpack_from("<I", head, 42)
        struct.pack_into("<IIHH", head, 20, 0xFFFFFFFF, 0xFFFFFFFF, name, extra + 28)
        struct.pack_into("<I", head, 42, 0xFFFFFFFF)
        fields = struct.pack("<HHQQQ", 1, 24, full, packed_size, offset)
        yield bytes(head) + plain[at + 46 : at + 46 + name] + fields + plain[at + 46 + name : at + 46 + name + extra]
        at += 46 + name + extra
        size += 46 + name + extra + 28
    yield struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, start)
    yield struct.pack("<4sIQI", b"PK\6\7", 0, start + size, 1)
    yield struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, len(comment)) + comment


def test_zip64(agent: Agent) -> None:
    item = checked(agent, zip64(comment=b"made on 22.11.2026 PK\5\6"))
    assert (item["state"], item["reason"]) == ("good", None)
    assert (item["files"], item["bytes"]) == (2, len(CONTENT) + 1)


def test_more_entries_than_16_bits_can_count(agent: Agent) -> None:
    assert checked(agent, zip64(many=True))["found"] == {"Database/*": 65_600}


def test_zip64_that_was_cut_and_put_together(agent: Agent) -> None:
    content = zip64()
    assert told(agent, content[1:]) == (
        "damaged",
        "its ZIP64 end record is not where its locator says: it is cut off",
    )


# What is wrong is named.


def place_of(content: bytes, name: str) -> tuple[int, int]:
    """Begin and end of an entry's packed bytes."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        info = archive.getinfo(name)
    start = info.header_offset + 30 + len(name.encode())
    return start, start + info.compress_size


def flipped(content: bytes, at: int, bit: int = 0) -> bytes:
    return content[:at] + bytes([content[at] ^ (1 << bit)]) + content[at + 1 :]


def test_a_flipped_bit_in_what_is_only_stored(agent: Agent) -> None:
    content = packed({ONE: b"123456789"}, zipfile.ZIP_STORED)
    assert told(agent, flipped(content, place_of(content, ONE)[0] + 8)) == (
        "damaged",
        f"the entry '{ONE}' has the CRC-32 {zlib.crc32(b'123456788'):08x}, the directory says cbf43926",
    )


def test_any_flipped_bit_of_an_entry_is_found(agent: Agent) -> None:
    content, chance = packed(), random.Random(7)
    start, end = place_of(content, ONE)
    for _try in range(24):
        at, bit = chance.randrange(start, end), chance.randrange(8)
        state, reason = told(agent, flipped(content, at, bit))
        assert state == "damaged", (at, bit)
        assert reason.startswith(f"the entry '{ONE}' "), (at, bit, reason)


def test_no_truncated_archive_is_good(agent: Agent) -> None:
    content, chance = packed(), random.Random(8)
    lengths = [len(content) - 1, len(content) - 22, 1, 22, *(chance.randrange(len(content)) for _try in range(12))]
    for length in lengths:
        assert told(agent, content[:length]) == (
            "damaged",
            "it has no end record: it is cut off, or no ZIP archive",
        ), length
    assert told(agent, b"") == ("damaged", "it has no bytes")


def test_an_archive_with_a_piece_missing_in_the_middle(agent: Agent) -> None:
    content = packed()
    start, _end = place_of(content, ONE)
    assert told(agent, content[:start] + content[start + 100 :])[0] == "damaged"


def test_a_directory_that_says_something_else(agent: Agent) -> None:
    content = packed()
    directory = content.index(b"PK\1\2")
    second = content.index(b"PK\1\2", directory + 1)
    longer = content[: second + 24] + struct.pack("<I", len(CONTENT) + 1) + content[second + 28 :]
    assert told(agent, longer) == (
        "damaged",
        f"the entry '{ONE}' has {len(CONTENT)} of the {len(CONTENT) + 1} bytes that the directory says",
    )
    shorter = content[: second + 24] + struct.pack("<I", 10) + content[second + 28 :]
    assert told(agent, shorter) == (
        "damaged",
        f"the entry '{ONE}' has more than the 10 bytes that the directory says",
    )
    assert told(agent, flipped(content, second)) == ("damaged", f"its directory is not readable at byte {second}")
    end = content.rindex(b"PK\5\6")
    fewer = content[: end + 10] + struct.pack("<H", 3) + content[end + 12 :]
    assert told(agent, fewer) == ("damaged", "its directory has 4 entries, and should have 3")
    renamed = flipped(content, content.index(ONE.encode()))
    assert told(agent, renamed) == (
        "damaged",
        f"the entry '{ONE}' is not what the directory says: its own head differs",
    )
    moved = content[: second + 42] + struct.pack("<I", 7) + content[second + 46 :]
    assert told(agent, moved) == ("damaged", f"the entry '{ONE}' is not where the directory says")


def test_bytes_behind_the_end(agent: Agent) -> None:
    assert told(agent, packed() + b"x")[0] == "damaged"


def test_an_archive_without_what_is_wanted(agent: Agent) -> None:
    assert told(agent, packed({"Streams/x": b"1"})) == ("incomplete", "it holds no file 'Database/*'")
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    assert told(agent, empty.getvalue()) == ("incomplete", "it holds no files")


def test_an_encrypted_archive(agent: Agent) -> None:
    content = packed()
    second = content.index(b"PK\1\2", content.index(b"PK\1\2") + 1)
    assert told(agent, flipped(content, second + 8)) == ("unproved", f"the entry '{ONE}' is encrypted")


def test_a_method_that_nobody_here_knows(agent: Agent) -> None:
    assert told(agent, packed(method=zipfile.ZIP_BZIP2)) == (
        "unproved",
        f"the entry '{ONE}' is packed with method 12, which this host cannot unpack",
    )


def test_one_of_several_volumes(agent: Agent) -> None:
    content = packed()
    assert told(agent, flipped(content, content.rindex(b"PK\5\6") + 4)) == (
        "unproved",
        "it is one of several volumes of an archive",
    )


# What could not be finished is not proved.


def test_a_check_that_takes_too_long(agent: Agent) -> None:
    agent.write(FILE, packed())
    agent.host.add_fault("read", path=FILE, action="delay", seconds=1.5, times=2)
    assert told(agent, packed(), maximum_seconds=1) == (
        "unproved",
        "it could not be read to its end within 1 seconds",
    )


def test_a_file_that_cannot_be_read(agent: Agent) -> None:
    agent.write(FILE, packed())
    agent.host.add_fault("read", path=FILE, action="error", win32=1117, times=1)
    state, reason = told(agent, packed())
    assert state == "unproved" and "(Win32 error 1117)" in reason


def test_an_error_of_the_disk_in_the_middle_is_no_damage(agent: Agent) -> None:
    big = random.Random(3).randbytes(9 * 1024 * 1024)
    agent.write(FILE, packed({ONE: big}))
    agent.host.add_fault("read", path=FILE, action="delay", seconds=0, times=3)
    agent.host.add_fault("read", path=FILE, action="error", win32=1117, times=1)
    state, reason = told(agent, packed({ONE: big}))
    assert state == "unproved" and "(Win32 error 1117)" in reason


def test_a_folder_and_a_link_prove_nothing(agent: Agent) -> None:
    agent.write(r"C:\elsewhere\x.cdbbz", packed())
    agent.link(FOLDER + r"\link.cdbbz", r"C:\elsewhere\x.cdbbz", "symlink_file")
    for path in FOLDER + r"\link.cdbbz", FOLDER:
        item = checked(agent, paths=[path])
        assert (item["state"], item["reason"]) == ("unproved", "it is a folder or a link")


# Which files.


def test_the_newest_one(agent: Agent) -> None:
    for age, name in enumerate(("b.cdbbz", "c.cdbbz", "a.cdbbz", "z.zip")):
        agent.write(rf"{FOLDER}\{name}", packed())
        os.utime(agent.path(rf"{FOLDER}\{name}"), (1_700_000_000 - age, 1_700_000_000 - age))
    agent.write(FOLDER + r"\folder.cdbbz\x", "")
    found = agent.query("zip", paths=[FOLDER + r"\*.cdbbz", FOLDER + r"\*.zip"], newest=2)["items"]
    assert [item["path"] for item in found] == [FOLDER + r"\b.cdbbz", FOLDER + r"\c.cdbbz"]
    assert agent.query("zip", paths=[FOLDER + r"\*.none"], newest=1)["items"] == []
    assert agent.query("zip", paths=[r"D:\none.cdbbz"])["items"] == [{"path": r"D:\none.cdbbz", "exists": False}]


def test_a_folder_that_cannot_be_listed(agent: Agent) -> None:
    agent.write(FILE, packed())
    agent.host.add_fault("list", path=FOLDER, action="error", win32=5, times=99)
    with pytest.raises(AgentError, match="Win32 error 5"):
        agent.query("zip", paths=[FOLDER + r"\*.cdbbz"], newest=1)
