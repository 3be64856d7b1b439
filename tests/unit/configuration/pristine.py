# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The pristine files of five product versions in ``histories``, and the changes that operators make to them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.comindware.platform.plugins.plugin_utils.configuration import flat, json_text, xml

HISTORIES = Path(__file__).parent / "histories"
VERSIONS = ("4.2", "4.4", "4.7", "5.0", "6.0")
MERGERS = {"flat": flat.merge, "xml": xml.merge, "json": json_text.merge}

# A name, what it looks for (``^`` and ``$`` are those of a line), and what it puts there.
Edit = tuple[str, str, str]

EDITS: dict[str, tuple[Edit, ...]] = {
    "instance.yml": (
        ("another port", r"^port: 80$", "port: 8081"),
        ("a comment behind a value", r"^port: 80$", "port: 80 # behind the balancer"),
        ("quotes and Cyrillic", r"^fqdn: .*", "fqdn: 'портал.example.com'"),
        ("more memory", r"-Xmx16g", "-Xmx32g -XX:+UseG1GC # 2026-03-12"),
        ("another disk", r"^(db\.workDir|databasePath): .*", r"\1: E:\\demo\\Data"),
        ("a comment", r"^(configPath:)", r"# перенесено 12.03.\n\1"),
        ("a comment at the end", r"\Z", "# checked by the operators\n"),
        ("a directive at the end", r"\Z", "s3.archive.endpointURL: https://s3.example.com/#main\n"),
        ("a directive in front", r"\A", "monitoring.tag: 'a: b'\n"),
        ("a default switched on", r"^#(nodeName|elasticsearchUsername): .*", r"\1: node7"),
        ("a directive taken out", r"^(backup\.maxSessions|manageAdapterHost): .*\n", ""),
        ("a directive put into comments", r"^(auth\.openId\.enabled:)", r"#\1"),
        ("an item added", r"^  - 50\n", "  - 50\n  - 200\n"),
        ("an item taken out", r"^  - 25\n", ""),
        ("an item switched off", r"(useractivity\n      enabled:) true", r"\1 false"),
        ("a mapping extended", r"^(requestProcessor:\n)", r"\1  maxLength: 10\n"),
        ("a number that also changes in 6.0", r"^bpms\.threadsCount: 8", "bpms.threadsCount: 4"),
        ("a value in quotes", r"^(\S+\.type): LocalDisk", r'\1: "LocalDisk"'),
        ("lines of text", r"^(tempWorkingDir): .*", r"\1: |\n  # no comment\n  T:\\work"),
    ),
    "Web.config": (
        ("a higher limit", r'maxRequestLength="\d+"', 'maxRequestLength="524288"'),
        ("the limit in bytes", r'maxAllowedContentLength="\d+"', 'maxAllowedContentLength="536870912"'),
        ("another timeout", r'shutdownTimeout="300"', 'shutdownTimeout="900"'),
        ("an attribute added", r'(executionTimeout="3000")', r'\1 enableVersionHeader="false"'),
        ("Windows authentication", r'mode="None"', 'mode="Windows"'),
        ("a key added at the end", r"(\n *</appSettings>)", r'\n    <add key="Portal" value="портал &amp; Co" />\1'),
        ("a key added in front", r"(<appSettings>\n)", r'\1    <add key="First" value="1" />\n'),
        ("another server", r"Server=localhost", "Server=sql.example.com"),
        ("a section", r"(\n *</system\.webServer>)", r'\n    <caching enabled="true">\n    </caching>\1'),
        ("a comment", r"( *<system\.web>)", r"    <!-- raised for drawings -->\n\1"),
        ("a key taken out", r'\n *<add key="SignalRTransport"[^\n]*', ""),
        ("a header changed", r"SAMEORIGIN", "DENY"),
        ("attributes on lines of their own", r' (shutdownTimeout="300") ', r"\n      \1\n      "),
    ),
    "logs.config": (
        ("more archives", r'archiveFilesCount="30"', 'archiveFilesCount="365"'),
        ("another disk", r"C:\\ProgramData(\\comindware\\Instances\\demo\\Logs\\error)", r"L:\1"),
        ("more detail", r'minlevel="Info"', 'minlevel="Debug"'),
        ("the event log", r"(\n\s*</targets>)", r'\n    <target name="eventLog" xsi:type="EventLog" source="CBAP" />\1'),
        ("a rule for it", r"(\n\s*</rules>)", r'\n    <logger name="*" minlevel="Fatal" writeTo="eventLog" />\1'),
        ("a comment", r"(\n\s*<rules>)", r"\n  <!-- asked for by the auditors -->\1"),
    ),
    "Ignite.config": (
        ("a larger region", r"#\{3L \*", "#{6L *"),
        ("a comment", r'( *<property name="persistenceEnabled" value="true" />)', r"              <!-- 6 GB since May -->\n\1"),
        ("another port", r'value="10800"', 'value="10801"'),
        ("another folder", r'(name="workDirectory" value=")[^"]*', r"\1E:\\demo"),
        ("a property", r"(\n  </bean>)", r'\n    <property name="metricsLogFrequency" value="0" />\1'),
    ),
    "Workers.config": (
        ("a listener", r"(<EmailListener>)false", r"\1true"),
        ("another id", r"6f1d2c3b", "7a1d2c3b"),
        ("no search", r"\n  <IndexTasksQueue>.*", ""),
    ),
    "adapterhost.yml": (
        ("another server", r"^mq\.server: .*", "mq.server: 10.0.0.5:9092"),
        ("English", r"ru-RU", "en-US"),
        ("a user", r"^#(mq\.sasl\.username)", r"\1"),
        ("a comment", r"^(mq\.group:)", r"# one for both\n\1"),
        ("no folder", r"^log\.folder.*\n", ""),
    ),
    "apigateway.yml": (
        ("a port", r"^listen\.port: 0", "listen.port: 5001"),
        ("a service more", r"\Z", "  - apiPrefix: reports\n"),
        ("a service less", r"^  - apiPrefix: useractivity\n", ""),
        ("no status page", r"^(statusPage\.enabled): true", r"\1: false"),
    ),
}  # fmt: skip


def pristine(version: str, file: str) -> str | None:
    """The vendor's file of a version, with Windows line ends."""
    path = HISTORIES / version / file
    return path.read_text(encoding="utf-8").replace("\n", "\r\n") if path.exists() else None


def format_of(file: str) -> str:
    return (
        "flat"
        if file.endswith(".yml") or file.startswith("adapterhost")
        else "json"
        if file.endswith(".json")
        else "xml"
    )


def edited(text: str, *edits: Edit) -> str:
    """The text with the changes of an operator; one whose place is not there does nothing."""
    text = text.replace("\r\n", "\n")
    for _name, pattern, replacement in edits:
        text = re.sub(pattern, replacement, text, count=1, flags=re.MULTILINE)
    return text.replace("\n", "\r\n")


def variants(file: str, text: str) -> Iterator[str]:
    """The text with each change of EDITS, with each two of them, and with all."""
    edits = EDITS[file]
    seen = {text}
    for chosen in [*((edit,) for edit in edits), *itertools.permutations(edits, 2), edits]:
        variant = edited(text, *chosen)
        if variant not in seen:
            seen.add(variant)
            yield variant


def pairs(file: str) -> Iterator[tuple[str, str]]:
    """Every two versions, the older first, that both have the file."""
    for old, new in itertools.combinations(VERSIONS, 2):
        if pristine(old, file) and pristine(new, file):
            yield old, new
