# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every mistake that a policy file can have in checks, procedures, layouts and directives, with its line and its field."""

from __future__ import annotations

import pathlib

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils import policy

CHECKS_AND_PROCEDURES = """
hops:
  - id: 4.7-within
    requirements:
      - {id: kafka, check: {kind: magic, port: 1}}
      - {id: kafka, check: {kind: windows, build: "20348", edition: core}}
      - {id: kafka, check: {kind: product_backup, max_age_hours: 0}}
      - {id: kafka, check: {kind: dotnet_sdk, at_least: v8}}
      - {id: kafka, check: {kind: iis_components, names: []}}
      - id: kafka
        check:
          kind: iis_components
          names: [W3SVC, 5]
    advisories: [{id: kafka, check: {kind: java, major: 17}}]
    before_next: [{id: kafka, acknowledge: true}]
  - id: 6.0-within
    procedure: by_hand
  - id: 5.0-within
    method: manual
procedures:
  - id: by_heart
    steps:
      - {en: "Open {url} as {user}", ru: "{url"}
      - {en: "Run {port!r}, {port:5} and {{this}}", ru: "}"}
    source: Support
  - {id: empty, source: Support}
"""

CONFIGURATION = r"""
layouts:
  - id: ours
    versions: 7
    settings: yml
    links: [bin, BIN, a/b, data\x]
    files:
      - {name: Сonfig.xml, format: toml}
      - {name: Web.config, format: xml, template: ..\Web.config}
      - {name: web.config, format: xml}
    linked_files: [data\logs.config]
    placeholders: {"@NAME@": pool, 5: instance}
    source: Us
  - {id: registry-4.2, files: [{name: instance.yml, format: flat}]}
directives:
  - id: d
    from: {file: Registry, key: name}
    to: [{file: registry, key: k}, {file: instance.yml, value: true}, {file: instance.yml, key: k, when: x}]
    when: {}
    certain: maybe
    source: Us
  - {id: e, when: {from: "4.7"}, certain: true, source: Us}
shared:
  - {id: s, places: [{file: nowhere.yml, key: k}], source: Us}
"""

KINDS = (
    "windows, iis, iis_components, dotnet_framework, dotnet_sdk, aspnetcore, java, search_server, product_backup, "
    "not_in_service_mode, administrator_logged_in, upgrade_logs"
)
VALUES = "{instance}, {version}, {config}, {database}, {streams}, {backup}, {logs}, {yml}, {site}, {url}, {port}"
NAMES = "instance, version, config, database, streams, temp, backup, logs, fqdn, port, machine"
FILES = (
    "Ignite.config, Web.config, Workers.config, adapterhost.config, adapterhost.yml, apigateway.json, apigateway.yml, "
    "instance.yml, logs.config, web.config, Сonfig.xml"
)
NO_PATH = r"is no path below a folder; wanted names with \ between them, such as data\logs.config"


def test_checks_and_procedures(tmp_path: pathlib.Path) -> None:
    within, step = "hops: 4.7-within", "procedures: by_heart: steps: item"
    twice = "a brace that is meant as such is written twice"
    assert mistakes(tmp_path, CHECKS_AND_PROCEDURES) == [
        f"5: {within}: requirements: item 1: check: kind: wanted one of {KINDS}, found 'magic'",
        f"6: {within}: requirements: item 2: check: build: wanted a whole number above 0, found '20348'",
        f"6: {within}: requirements: item 2: check: edition: is no field here; wanted: build, kind",
        f"7: {within}: requirements: item 3: check: cold_copy: is missing",
        f"7: {within}: requirements: item 3: check: max_age_hours: wanted a whole number above 0, found 0",
        f"8: {within}: requirements: item 4: check: at_least: wanted numbers with dots between them, such as 8.0.408, "
        "found 'v8'",
        f"9: {within}: requirements: item 5: check: names: is missing; wanted a list of names",
        f"13: {within}: requirements: item 6: check: names: item 2: wanted a text, found 5, a number: put it in quotes",
        f"14: {within}: advisories: item 1: check: is no field here; wanted: acknowledge, en, id, ru, when",
        f"15: {within}: before_next: item 1: acknowledge: is no field here; wanted: check, en, id, ru, when",
        "17: hops: 6.0-within: procedure: 'by_hand' is not in the list of procedures (by_heart, empty, new_instance)",
        "18: hops: 5.0-within: procedure: is missing; a manual hop needs the steps that a person carries out",
        f"23: {step} 1: en: {{user}} is no value of an instance; wanted: {VALUES}",
        f"23: {step} 1: ru: the braces do not fit: expected '}}' before end of string; {twice}",
        f"24: {step} 2: en: {{port!r}} is no value of an instance; wanted: {VALUES}",
        f"24: {step} 2: en: {{port:5}} is no value of an instance; wanted: {VALUES}",
        f"24: {step} 2: ru: the braces do not fit: Single '}}' encountered in format string; {twice}",
        "26: procedures: empty: steps: is missing; wanted a list of steps, each with en and ru",
    ]


def test_configuration(tmp_path: pathlib.Path) -> None:
    ours, directive = "layouts: ours", "directives: d"
    origins = FILES.replace("logs.config, ", "logs.config, registry, ")
    assert mistakes(tmp_path, CONFIGURATION) == [
        f"4: {ours}: versions: wanted a text, found 7, a number: put it in quotes",
        f"6: {ours}: links: 'BIN' is there twice; Windows does not tell capital letters",
        f"6: {ours}: links: item 3: 'a/b' {NO_PATH}",
        rf"6: {ours}: links: item 4: 'data\x' is a path; wanted a name alone",
        f"7: {ours}: files: 'web.config' is there twice; Windows does not tell capital letters",
        f"7: {ours}: files: instance.yml must be among the files where settings is yml",
        f"8: {ours}: files: item 1: format: wanted one of flat, xml, json, found 'toml'",
        f"8: {ours}: files: item 1: name: 'Сonfig.xml' has 'С' (U+0421): type the name with the English keyboard layout",
        rf"9: {ours}: files: item 2: template: '..\Web.config' {NO_PATH}",
        rf"11: {ours}: linked_files: item 1: 'data\logs.config' does not lie below one of the links of this layout",
        f"12: {ours}: placeholders: 5: wanted a text that stands in the templates, in quotes",
        f"12: {ours}: placeholders: @NAME@: wanted one of {NAMES}, found 'pool'",
        "14: layouts: registry-4.2: files: instance.yml must not be among the files where settings is registry",
        f"17: {directive}: from: file: 'Registry' is a file of no layout; wanted one of {origins}",
        f"18: {directive}: to: item 1: file: 'registry' is a file of no layout; wanted one of {FILES}",
        f"18: {directive}: to: item 2: key: is missing",
        f"18: {directive}: to: item 2: value: wanted a text, found true, a yes or no: put it in quotes",
        f"18: {directive}: to: item 3: when: is no field here; wanted: file, key, value",
        f"19: {directive}: when: is missing; wanted from, to or both: the versions between which the directive changes",
        f"20: {directive}: certain: wanted true or false, found 'maybe'",
        "22: directives: e: from: is missing; wanted the file and the key of the directive",
        f"24: shared: s: places: item 1: file: 'nowhere.yml' is a file of no layout; wanted one of {FILES}",
        "24: shared: s: places: wanted at least two places, which must be equal",
    ]


def mistakes(folder: pathlib.Path, text: str) -> list[str]:
    """What the loader says of a file with that text, by its lines, without the path."""
    path = folder / "own.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(policy.PolicyError) as caught:
        policy.load([path])
    assert all(mistake.startswith(f"{path}:") for mistake in caught.value.mistakes)
    found = [mistake.removeprefix(f"{path}:") for mistake in caught.value.mistakes]
    return sorted(found, key=lambda mistake: (int(mistake.split(":")[0]), mistake))
