# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is shown of texts that the operator gives: the host has not seen them, so they have no tokens."""

from __future__ import annotations

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.model import secrets

SEEN = ["clusterName: sales", "mq.sasl.password: ⟦secret:0123456789abcdef⟧"]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("clusterName: sales", "clusterName: sales"),
        ("  clusterName: sales", "  clusterName: sales"),
        ("clusterName: hush", "clusterName: ⟦secret⟧"),
        ("#journal.password: hush # hush", "#journal.password: ⟦secret⟧"),
        ("- name: hush", "- name: ⟦secret⟧"),
        ("hush", "⟦secret⟧"),
        ("http://user:hush@host", "⟦secret⟧"),
        ('  "SaslPassword": "hush",', '  "SaslPassword": ⟦secret⟧'),
        ('<add key="hush" value="hush"/>', "<add ⟦secret⟧"),
        ("</configuration>", "</configuration>"),
        ("journal.password: '⟦secret:0123456789abcdef⟧'", "journal.password: '⟦secret:0123456789abcdef⟧'"),
        ("mq.sasl:", "mq.sasl:"),
        ("", ""),
    ],
)
def test_lines_of_the_operator_s_own_file(line: str, shown: str) -> None:
    for end in ("", "\n", "\r\n"):
        assert secrets.hide_lines(line + end, SEEN) == shown + end


def test_values_that_the_operator_gives() -> None:
    text = "a: it''s\nb: 'hush'\nc: hush hush\n"
    assert secrets.hide_values(text, ["it's", "hush", ""]) == "a: ⟦secret⟧\nb: '⟦secret⟧'\nc: ⟦secret⟧ ⟦secret⟧\n"


def test_every_request_has_a_salt_of_its_own() -> None:
    names = {"public": ["port"], "secret": [], "words": ["pw"]}
    first, second = secrets.rules(names), secrets.rules(names)
    assert (
        {**first, "salt": ""} == {"salt": "", **names} and first["salt"] != second["salt"] and len(first["salt"]) == 32
    )
