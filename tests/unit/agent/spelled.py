# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Secrets in every format, under many names, in many spellings and positions: what the agent must not let out."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import yaml

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

NAMES = (
    "password", "Password", "journal.password", "mq.sasl.password", "api_key", "api-key", "access_key", "accessKey", "s3.archive.secretKey",
    "Mail:Password", "cfg:password", "passphrase", "bindPw", "pass", "user_pass", "credentials", "encryptionKey", "clientSecret", "pwd",
    "AccountKey", "sharedAccessSignature", "tls.keyPassword", "TOKEN", "refresh_token", "pin", "Пароль", "Ключ", "db.Пароль",
)  # fmt: skip
"""How secrets are called."""

OTHERS = ("motd", "custom.setting", "licence", "Vermerk", "x")
"""Names of which nobody knows anything: what is not known to be harmless is hidden too."""

# {} is a mark of the case's own, in each piece of the value that somebody could read.
VALUES = (
    "{}a", "{}a {}b", "{}a;{}b", '{}a"{}b', "{}a'{}b", "{}a&{}b", "{}a&amp;{}b", "{}a\\{}b", "#{}a", "{}a #{}b", "{{{}a",
    "*{}a", "&{}a {}b",
    "!{}a {}b", "%{}a", "@{}a@{}b", "`{}a", "{}a: {}b", "- {}a", "|{}a", ">{}a", "{}a<{}b>", "{}a=={}b", "[{}a]", "{}a,{}b", "{}aПривет",
    "{}a--{}b", "{}a]]>{}b", "'{}a", '"{}a', "{}a\t{}b", "{}a/{}b?{}c", "?{}a", "{}a:", "{}a$1", "~{}a",
)  # fmt: skip
"""Values, with what the formats could take for something else."""

SHAPES = ("{}", "C:\\{}", "10.0.{}", "/{}/{}", "http://{}.example.com", "\\\\server\\{}", "{}.config")
"""Values that would be harmless under another name; their marks are digits."""


@dataclass(frozen=True)
class Case:
    """One secret: what it is, and how its file has it. ``snippet`` may have no secret but this."""

    name: str
    spelling: str
    value: str
    snippet: str
    mark: str


def _double(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _single(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _escaped(value: str) -> str:
    return '"' + "".join(f"\\u{ord(letter):04x}" for letter in value) + '"'


def _indented(value: str) -> str:
    return f"  {value}"


Spelling = Callable[[str, str], str]

FLAT: dict[str, Spelling] = {
    "plain": lambda n, v: f"{n}: {v}\n",
    "blanks": lambda n, v: f"{n} :   {v}  \n",
    "single": lambda n, v: f"{n}: {_single(v)}\n",
    "double": lambda n, v: f"{n}: {_double(v)}\n",
    "escaped": lambda n, v: f"{n}: {_escaped(v)}\n",
    "quoted name": lambda n, v: f'"{n}": {_double(v)}\n',
    "list": lambda n, v: f"{n}:\n- {_single(v)}\n- {_double(v)}\n",
    "deeper list": lambda n, v: f"{n}:\n  - {_single(v)}\n  - - {_double(v)}\n",
    "literal": lambda n, v: f"{n}: |\n{_indented(v)}\n",
    "literal of lines": lambda n, v: f"{n}: |-\n{_indented(v)}\n\n{_indented(v)}\n    # {v}\n",
    "literal kept": lambda n, v: f"{n}: |+\n{_indented(v)}\n\n",
    "literal with indent": lambda n, v: f"{n}: |2\n    {v}\n  {v}\n",
    "folded": lambda n, v: f"{n}: > # folded\n{_indented(v)}\n{_indented(v)}\n",
    "next line": lambda n, v: f"{n}:\n  {v}\n",
    "next line single": lambda n, v: f"{n}:\n  {_single(v)}\n",
    "lines of plain": lambda n, v: f"{n}: {v}\n  {v}\n",
    "lines of double": lambda n, v: f"{n}: {_double(v)[:-1]}\n  {_double(v)[1:-1]}\\\n  {_double(v)[1:]}\n",
    "flow": lambda n, v: f"outer: {{enabled: true, {_double(n)}: {_double(v)}}}\n",
    "flow list": lambda n, v: f"{n}: [{_single(v)}, {_double(v)}, 'x']\n",
    "flow of lines": lambda n, v: f"outer: {{\n  enabled: true,\n  {_double(n)}:\n    {_single(v)}\n  }}\n",
    "nested": lambda n, v: f"outer:\n  inner:\n    {n}: {_single(v)}\n",
    "below": lambda n, v: f"{n}:\n  inner:\n    - value: {_single(v)}\n",
    "named": lambda n, v: f"list:\n  - name: {_double(n)}\n    value: {_single(v)}\n",
    "named behind": lambda n, v: f"list:\n  - value: {_single(v)}\n    key: {_double(n)}\n",
    "anchor": lambda n, v: f"{n}: &a {_single(v)}\nalso: *a\n",
    "tag": lambda n, v: f"{n}: !!str {_double(v)}\n",
    "explicit": lambda n, v: f"? {n}\n: {_double(v)}\n",
    "comment behind": lambda n, v: f"port: 80 # {n} {v}\n",
    "commented out": lambda n, v: f"#{n}: {v}\n",
    "commented out, quoted": lambda n, v: f"#   {n}: {_double(v)}\n",
    "commented below": lambda n, v: f"{n}:\n  enabled: true\n  # inner: {v}\n",
    "commented list": lambda n, v: f"{n}:\n#  - {v}\n",
    "prose": lambda n, v: f"# the {n} was {v}\n",
    "no blank": lambda n, v: f"{n}:{v}\n",
    "equals": lambda n, v: f"{n}={v}\n",
}

XML: dict[str, Spelling] = {
    "attribute": lambda n, v: f"<a {_element(n)}={quoteattr(v)} />",
    "attribute in single quotes": lambda n, v: f"<a {_element(n)}='{escape(v, {chr(39): '&apos;'})}'/>",
    "entities": lambda n, v: f'<a {_element(n)}="{_numbers(v)}" />',
    "add": lambda n, v: f"<add key={quoteattr(n)} value={quoteattr(v)} />",
    "value first": lambda n, v: f"<add value={quoteattr(v)}\n  key={quoteattr(n)} />",
    "element": lambda n, v: f"<{_element(n)}>{escape(v)}</{_element(n)}>",
    "element of lines": lambda n, v: f"<{_element(n)}>\n   {escape(v)}\n</{_element(n)}>",
    "below": lambda n, v: f"<{_element(n)}><item>{escape(v)}</item></{_element(n)}>",
    "cdata": lambda n, v: f"<{_element(n)}><![CDATA[{v.replace(']]>', '')}]]></{_element(n)}>",
    "property": lambda n, v: f"<property name={quoteattr(n)}><value>{escape(v)}</value></property>",
    "setting": lambda n, v: (
        f'<setting name={quoteattr(n)} serializeAs="String">\n <value>{escape(v)}</value></setting>'
    ),
    "prop": lambda n, v: f"<prop key={quoteattr(n)}>{escape(v)}</prop>",
    "siblings": lambda n, v: f"<property><name>{escape(n)}</name><value>{escape(v)}</value></property>",
    "comment": lambda n, v: f"<!-- {n}: {v.replace('--', '- -').strip('-')} -->",
    "commented out": lambda n, v: f"<!-- <add key={quoteattr(n)} value={quoteattr(v.replace('--', '- -'))} /> -->",
    "commented out, element": lambda n, v: f"<!--<{_element(n)}>{escape(v.replace('--', '- -'))}</{_element(n)}>-->",
    "instruction": lambda n, v: f"<?{_element(n)} {v}?>",
    "value element": lambda n, v: f"<data name={quoteattr(n)}><value><inner>{escape(v)}</inner></value></data>",
}

JSON: dict[str, Spelling] = {
    "member": lambda n, v: f"{_double(n)}: {_double(v)}",
    "ascii": lambda n, v: f"{_double(n)} : {json.dumps(v)}",
    "escaped": lambda n, v: f"{_double(n)}:{_escaped(v)}",
    "slashes": lambda n, v: f"{_double(n)}: {_double(v).replace('/', chr(92) + '/')}",
    "list": lambda n, v: f"{_double(n)}: [{_double(v)}, [{_double(v)}]]",
    "below": lambda n, v: f'{_double(n)}: {{"inner": {{"Value": {_double(v)}}}}}',
    "named": lambda n, v: f'"list": [{{"Name": {_double(n)}, "Value": {_double(v)}}}]',
    "named behind": lambda n, v: f'"list": [{{"Value": {_double(v)}, "Key": {_double(n)}}}]',
    "comment": lambda n, v: f'"x": 1, // {n}: {v}\n  "y": 1',
    "comment of lines": lambda n, v: f'/* {_double(n)}: {_double(v).replace("*/", "")} */ "y": 1',
}

PARTS: dict[str, Callable[[str], str]] = {
    "connection": lambda v: f"Server=sql.example.com;Database=Reports;Password={v.replace(';', '')};",
    "connection, quoted": lambda v: f"Server=sql.example.com;Pwd='{v.replace(chr(39), '')}';Database=Reports",
    "jaas": lambda v: f'org.apache.kafka.PlainLoginModule required username="platform" password={_double(v)};',
    "user of an address": lambda v: f"http://platform:{v}@search.example.com:9200",
    "address": lambda v: f"https://search.example.com/api?sig={v}&version=1.0",
    "fragment": lambda v: f"https://search.example.com/api#{v}",
    "path of an address": lambda v: f"https://hooks.example.com/T0/{v}",
}


def _element(name: str) -> str:
    return name.replace(":", "-")


def _numbers(value: str) -> str:
    return "".join(f"&#x{ord(letter):x};" for letter in value)


def _fits(how: str, value: str) -> bool:
    return how not in _MAPPINGS or not (": " in value or value.endswith(":"))


def _filled(value: str, mark: str) -> str:
    return value.format(*([mark] * value.count("{}")))


def cases(spellings: dict[str, Spelling], seed: int) -> Iterator[Case]:
    """Every name in every spelling with a value in turn, so that all values meet all spellings; then parts and shapes."""
    values = itertools.cycle(VALUES)
    number = itertools.count(seed)
    for name, how in itertools.product((*NAMES, *OTHERS), spellings):
        mark = f"zq{next(number)}z"
        value = _filled(next(values), mark)
        if _fits(how, value):
            yield Case(name, how, value, spellings[how](name, value), mark)
    for how, value in itertools.product(spellings, VALUES):
        mark = f"zq{next(number)}z"
        if _fits(how, value):
            yield Case("secret", how, _filled(value, mark), spellings[how]("secret", _filled(value, mark)), mark)
    for name, (how, shape) in itertools.product(("password", "Ключ"), itertools.product(spellings, SHAPES)):
        mark = f"99{next(number):06}"
        if "prose" not in how and "comment" not in how:
            yield Case(name, how, _filled(shape, mark), spellings[how](name, _filled(shape, mark)), mark)
    for how, part, value in itertools.product(
        ("plain", "double", "attribute", "add", "element", "member"), PARTS, VALUES[:12]
    ):
        mark = f"zq{next(number)}z"
        if how in spellings and not (how == "plain" and part == "jaas"):
            whole = PARTS[part](_filled(value, mark))
            yield Case("connectionString", f"{part} {how}", whole, spellings[how]("connectionString", whole), mark)


_MAPPINGS = ("next line", "lines of plain", "commented list", "no blank", "equals")
"""Spellings in which YAML takes a value with a colon for a name and its value."""


def is_yaml(text: str) -> bool:
    """Whether YAML reads it."""
    try:
        list(yaml.compose_all(text, LOADER))
    except yaml.YAMLError:
        return False
    return True
