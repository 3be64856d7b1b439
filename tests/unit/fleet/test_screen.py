# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lines at the bottom of a terminal, seen with the eyes of one."""

from __future__ import annotations

from ansible_collections.comindware.platform.plugins.plugin_utils.fleet.progress_rows import BAD, QUIET, Shown
from ansible_collections.comindware.platform.plugins.plugin_utils.fleet.screen import Screen, fits
from hypothesis import given
from hypothesis import strategies as st
from standin.terminal import Terminal

SIZE = (40, 10)


def lines(*texts: str) -> list[Shown]:
    return [Shown(one, QUIET) for one in texts]


def test_lines_stay_at_the_bottom_while_others_scroll() -> None:
    terminal, screen = Terminal(*SIZE), Screen()
    terminal.write("first\nsecond\n")
    terminal.write(screen.paint(lines("head", "row 1"), SIZE))
    for number in range(20):
        terminal.write(f"line {number}\n")
    assert terminal.rows == [*(f"line {number}" for number in range(13, 20)), "", "head", "row 1"]
    assert terminal.gone[:3] == ["first", "second", "line 0"]


def test_more_lines_take_their_room_and_lose_nothing() -> None:
    terminal, screen = Terminal(*SIZE), Screen()
    for number in range(8):
        terminal.write(f"line {number}\n")
    terminal.write(screen.paint(lines("a"), SIZE))
    terminal.write(screen.paint(lines("b", "c", "d"), SIZE))
    terminal.write("more\n")
    assert terminal.gone + terminal.rows == [*(f"line {number}" for number in range(8)), "more", "", "b", "c", "d"]


def test_fewer_lines_leave_none_of_the_old_ones() -> None:
    terminal, screen = Terminal(*SIZE), Screen()
    terminal.write(screen.paint(lines("a", "b", "c"), SIZE))
    terminal.write(screen.paint(lines("d"), SIZE))
    assert terminal.rows == [""] * 9 + ["d"]


def test_half_of_the_terminal_is_left_to_others() -> None:
    terminal, screen = Terminal(*SIZE), Screen()
    terminal.write(screen.paint(lines(*"abcdefgh"), SIZE))
    assert terminal.rows == [""] * 5 + list("abcde")


def test_the_whole_terminal_is_given_back() -> None:
    terminal, screen = Terminal(*SIZE), Screen()
    terminal.write("said\n")
    terminal.write(screen.paint(lines("a", "b"), SIZE))
    terminal.write(screen.release())
    assert screen.release() == ""
    terminal.write("\n".join(str(number) for number in range(12)))
    assert terminal.rows == [str(number) for number in range(2, 12)]
    assert terminal.gone == ["said", "0", "1"]


def test_another_size_begins_anew() -> None:
    terminal, screen = Terminal(*SIZE), Screen()
    terminal.write(screen.paint(lines("a", "b"), SIZE))
    drawn = screen.paint(lines("c", "d"), (40, 8))
    assert drawn.startswith("\x1b7\x1b[r\x1b8\x1b[J") and "\x1b[1;6r" in drawn


def test_colours() -> None:
    told = [Shown("x", BAD)]
    assert "\x1b[31mx\x1b[0m" in Screen().paint(told, SIZE)
    assert "\x1b[31m" not in Screen(colours=False).paint(told, SIZE)


def test_too_small() -> None:
    assert fits((40, 8)) and not fits((39, 8)) and not fits((40, 7))


@given(st.lists(st.one_of(st.text("ab\n", max_size=20), st.integers(0, 8)), max_size=20))
def test_nothing_that_was_said_is_lost(happens: list[str | int]) -> None:
    terminal, plain, screen = Terminal(*SIZE), Terminal(*SIZE), Screen()
    for one in happens:
        if isinstance(one, str):
            terminal.write(one + "\n")
            plain.write(one + "\n")
        else:
            terminal.write(screen.paint(lines(*["-"] * one), SIZE))
    terminal.write(screen.release())
    said = "\n".join(plain.gone + plain.rows).rstrip("\n")
    assert "\n".join(terminal.gone + terminal.rows).rstrip("\n") == said
