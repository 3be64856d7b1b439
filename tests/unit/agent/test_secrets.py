# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What leaves a host: no secret, and as much else as is known to be harmless. Played by the agent itself."""

from __future__ import annotations

import contextlib
import json
import re
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from ansible_collections.comindware.platform.plugins.plugin_utils import operations
from ansible_collections.comindware.platform.plugins.plugin_utils.model.secrets import TOKEN
from ansible_collections.comindware.platform.plugins.plugin_utils.policy import load

from .conftest import Agent, AgentError
from .spelled import FLAT, JSON, LOADER, XML, Case, cases, is_yaml

HIDDEN = {"salt": "s", **load().names.as_dict()}
FOLDER = r"C:\files"


def read(agent: Agent, files: dict[str, str | bytes], **more: Any) -> dict[str, str]:
    """The texts of files as the agent lets them out, by name."""
    for name, content in files.items():
        agent.write(rf"{FOLDER}\{name}", content)
    paths = [rf"{FOLDER}\{name}" for name in files]
    items = agent.query("read", paths=paths, secrets=HIDDEN, **more)["items"]
    return {name: item["text"] for name, item in zip(files, items, strict=True)}


def write_back(agent: Agent, texts: dict[str, str]) -> dict[str, bytes]:
    """What the files hold after their texts, with tokens, were written over others."""
    for name in texts:
        agent.write(rf"{FOLDER}\old\{name}", agent.path(rf"{FOLDER}\{name}").read_bytes())
    steps = [
        operations.write_file(rf"{FOLDER}\{name}", text + " ", "utf-8", [rf"{FOLDER}\old\{name}"])
        for name, text in texts.items()
    ]
    status = agent.execute(steps, secrets=HIDDEN)
    assert status["state"] == "applied", status["error"]
    return {name: agent.path(rf"{FOLDER}\{name}").read_bytes()[:-1] for name in texts}


def flat_file(found: list[Case]) -> str:
    return "".join(f"---\n{case.snippet}port: {8000 + number}\n" for number, case in enumerate(found))


def xml_file(found: list[Case]) -> str:
    lines = (f'{case.snippet}\n<network port="{8000 + number}" />\n' for number, case in enumerate(found))
    return '<?xml version="1.0"?>\n<configuration>\n' + "".join(lines) + "</configuration>\n"


def json_file(found: list[Case]) -> str:
    lines = (f'{{\n  {case.snippet}\n, "port": {8000 + number}}}' for number, case in enumerate(found))
    return "[\n" + ",\n".join(lines) + "\n]\n"


FORMATS = {
    "a.yml": (FLAT, flat_file, "port: {}"),
    "b.config": (FLAT, flat_file, "port: {}"),
    "Web.config": (XML, xml_file, '<network port="{}" />'),
    "a.json": (JSON, json_file, '"port": {}'),
}


@pytest.fixture(scope="module")
def known() -> dict[str, list[Case]]:
    return {name: list(cases(spellings, 10000)) for name, (spellings, _file, _port) in FORMATS.items()}


@pytest.mark.parametrize("line", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_no_secret_leaves_the_host(agent: Agent, known: dict[str, list[Case]], line: str) -> None:
    files = {name: file(known[name]).replace("\n", line) for name, (_, file, _port) in FORMATS.items()}
    texts = read(agent, {name: text.encode() for name, text in files.items()}, maximum_bytes=2**24)
    leaks = [
        (name, case.spelling, case.name, case.value, shown)
        for name, found in known.items()
        for case in found
        for shown in [place(texts[name], case.mark)]
        if shown
    ]
    assert leaks == []
    for name, (_, _file, port) in FORMATS.items():
        missing = [
            (case.spelling, case.name, case.value)
            for number, case in enumerate(known[name])
            if port.format(8000 + number) not in texts[name]
        ]
        assert missing == [], name
        assert texts[name].count("\r") == (texts[name].count("\n") if line == "\r\n" else 0)
    back = write_back(agent, texts)
    for name, text in files.items():
        assert back[name] == text.encode(), name


def place(text: str, mark: str) -> str:
    at = text.find(mark)
    return text[max(0, at - 60) : at + 60] if at >= 0 else ""


def test_what_is_hidden_still_parses(agent: Agent, known: dict[str, list[Case]]) -> None:
    files: dict[str, str | bytes] = {}
    flat = [case for case in known["a.yml"] if is_yaml(case.snippet)]
    assert len(flat) > 1500
    files["a.yml"] = flat_file(flat)
    files["Web.config"] = xml_file(known["Web.config"])
    plain = [case for case in known["a.json"] if "comment" not in case.spelling]
    files["a.json"] = json_file(plain)
    texts = read(agent, files, maximum_bytes=2**24)
    ET.fromstring(files["Web.config"])
    ET.fromstring(texts["Web.config"])
    assert len(json.loads(texts["a.json"])) == len(plain)
    before = str(files["a.yml"]).split("---\n")[1:]
    after = texts["a.yml"].split("---\n")[1:]
    wrong = [(old, new) for old, new in zip(before, after, strict=True) if names(old) != names(new)]
    assert wrong == []


def names(text: str) -> Any:
    """What is left of a text of YAML without its values."""

    def inside(node: yaml.Node | None) -> Any:
        if isinstance(node, yaml.MappingNode):
            return [(key.value, inside(value)) for key, value in node.value]
        return [inside(item) for item in node.value] if isinstance(node, yaml.SequenceNode) else None

    try:
        return inside(yaml.compose(text, LOADER))
    except yaml.YAMLError as error:
        return str(error)


def shown(agent: Agent, name: str, text: str, **more: Any) -> str:
    """A text as the agent lets it out, with a mark in place of each token."""
    return TOKEN.sub("•", read(agent, {name: text.encode()}, **more)[name])


def test_field_3_1_a_directive_that_is_commented_out(agent: Agent) -> None:
    text = "#journal.password: x\n# journal.username: platform\n  #  - pw: 'a b' # c\n#tls:\n#  key: x\n# how it was\n#-----\n"
    assert shown(agent, "a.yml", text) == (
        "#journal.password: •\n# journal.username: platform\n  #  - pw: •\n#tls:\n#  key: •\n# •\n#-----\n"
    )
    text = '<a><!-- <add key="Mail" value="x" /> --><!-- Mail: x --><port>80</port></a>'
    assert shown(agent, "Web.config", text) == ('<a><!-- <add key="Mail" value="•" /> --><!-- • --><port>80</port></a>')


def test_field_3_2_a_part_of_a_value(agent: Agent) -> None:
    connection = "Server=sql.example.com;Database=Reports;User Id=sa;Password=a b;Timeout=30"
    hidden = connection.replace("a b", "•")
    jaas = 'org.apache.kafka.PlainLoginModule required username="u" password="a;b";'
    pem = "-----BEGIN PRIVATE KEY-----\\nMIIE\\n-----END PRIVATE KEY-----"
    text = (
        f"connectionString: {connection}\nsasl.jaas.config: {jaas}\n"
        "journal.server: http://platform:a@b@search.example.com:9200\nhook: https://example.com/api?sig=ab1&version=1.0\n"
        f'db.jvmOpts: -Xmx1g -Dssl.keyStorePassword=x1 -Dfile=a --token x2 -Xms1g\nmq.ssl.caLocation: "{pem}"\n'
    )
    assert shown(agent, "a.yml", text) == (
        f"connectionString: {hidden}\nsasl.jaas.config: {jaas.replace('a;b', '•')}\n"
        "journal.server: http://•:•@search.example.com:9200\nhook: https://example.com/api?sig=•&version=1.0\n"
        'db.jvmOpts: -Xmx1g -Dssl.keyStorePassword=• -Dfile=a --token • -Xms1g\nmq.ssl.caLocation: "•"\n'
    )
    text = json.dumps({"connectionString": connection, "x": {"Url": "https://example.com/?a=b"}})
    assert shown(agent, "a.json", text) == text.replace("a b", "•").replace("?a=b", "?a=•")


def test_field_3_3_values_of_several_lines(agent: Agent) -> None:
    text = (
        "mq.sasl.password: |\r\n  x\r\n\r\n  y\r\nmq.name: a\r\na: {b: x, port: 1,\r\n  c: [y]}\r\npass:\r\n  x\r\nk: >-\r\n"
        "  x\r\n  y\r\nport: 80\r\n"
    )
    assert shown(agent, "a.yml", text) == (
        "mq.sasl.password: |\r\n  •\r\nmq.name: a\r\na: {b: •, port: 1,\r\n  c: [•]}\r\npass:\r\n  •\r\nk: >-\r\n  •\r\nport: 80\r\n"
    )


@pytest.mark.parametrize("name", ["api_key", "access-key", "Mail:Password", "cfg:password", "S3.secret_key", "apiKEY2"])
def test_field_3_4_names_with_marks(agent: Agent, name: str) -> None:
    assert shown(agent, "a.yml", f"{name}: 1234\n") == f"{name}: •\n"
    assert shown(agent, "Web.config", f'<add key="{name}" value="1234" />') == f'<add key="{name}" value="•" />'
    assert shown(agent, "a.json", f'{{"{name}": 1234, "port": 1234}}') == f'{{"{name}": "•", "port": 1234}}'


@pytest.mark.parametrize(
    "name", ["passphrase", "bindPw", "pass", "credentials", "encryptionKey", "Пароль", "Ключ", "pin"]
)
def test_field_3_5_other_names(agent: Agent, name: str) -> None:
    assert shown(agent, "a.yml", f"{name}:\n- 1234\n- {{x: true}}\n") == f"{name}:\n- •\n- {{x: •}}\n"
    agent.host.registry.write(
        r"HKLM\SOFTWARE\X\sales", {name: 1234, "Note": "x", "Blob": b"x", "port": 80, "ConfigPath": r"C:\x"}
    )
    answer = agent.query("registry", key=r"SOFTWARE\X", views=[64], secrets=HIDDEN)
    values = answer["views"]["64"]["keys"]["sales"]["values"]
    assert {key: TOKEN.sub("•", str(value["data"])) for key, value in values.items()} == {
        name: "•", "Note": "•", "Blob": "•", "port": "80", "ConfigPath": r"C:\x",
    }  # fmt: skip


def test_field_3_6_shapes_of_xml(agent: Agent) -> None:
    text = """<configuration>
<property name="keyStorePassword"><value>1</value></property>
<setting name="Password" serializeAs="String"><value>1</value></setting>
<prop key="password">1</prop><secret><![CDATA[1]]></secret>
<add value='1' key='Pin'/><entry key="maxSize" value="1"/>
</configuration>"""
    wanted = (
        text.replace(">1<", ">•<").replace("[1]", "[•]").replace("value='1'", "value='•'").replace('"String"', '"•"')
    )
    assert shown(agent, "Web.config", text) == wanted


def test_field_3_7_a_password_is_hidden_whole(agent: Agent) -> None:
    text = r"""{"password":"a\"b","Password":"a b","pwd":"a;b&amp;c", "port": 1}"""
    hidden = shown(agent, "a.json", text)
    assert hidden == '{"password":"•","Password":"•","pwd":"•", "port": 1}'
    xml = """<a><b password="a&quot;b &amp; c;d" port="1"/><b password='a"b'/></a>"""
    assert shown(agent, "Web.config", xml) == """<a><b password="•" port="1"/><b password='•'/></a>"""


def test_a_value_has_one_token_in_all_spellings(agent: Agent) -> None:
    texts = read(
        agent,
        {
            "a.yml": b"a: x\"'y\nb: 'x\"''y'\nc: \"x\\\"\\u0027y\"\nd: |\n  x\"'y\nurl: http://u:x\"'y@host\n",
            "a.json": b'{"a": "x\\"\'y", "b": "\\u0078\\u0022\'y"}',
            "Web.config": b"<a b=\"x&quot;'y\" c='x&#34;&apos;y'>x\"'y<![CDATA[x\"'y]]></a>",
        },
    )
    found = TOKEN.findall("".join(texts.values()))
    assert len(found) == 12 and len(set(found)) == 2  # one is the user of the address


def test_what_the_vendor_ships_too_is_no_secret(agent: Agent) -> None:
    agent.write(
        rf"{FOLDER}\pristine.yml", "# {{instance}}: as shipped\nmotd: {{instance}} says\nnote: x y\npin: 1234\n"
    )
    vendor = {rf"{FOLDER}\a.yml".lower(): [rf"{FOLDER}\pristine.yml", rf"{FOLDER}\none.yml"]}
    text = "# sales: as shipped\nmotd: sales says\nnote: x z\npin: 1234\nother: x y\n"
    assert shown(agent, "a.yml", text, vendor=vendor, values={"{{instance}}": "sales"}) == (
        "# sales: as shipped\nmotd: sales says\nnote: •\npin: •\nother: •\n"
    )


def test_operators_name_what_is_public_and_what_is_not(agent: Agent) -> None:
    own = {
        "id": "ours",
        "public": ["motd", "keyboard.layout"],
        "secret": ["fqdn", "services.apiPrefix"],
        "source": "us",
    }
    names = load([{"names": [own]}]).names.as_dict()
    agent.write(
        rf"{FOLDER}\a.yml", "motd: x y\nkeyboard.layout: ru\nfqdn: app.corp.local\nservices:\n- apiPrefix: 1\nport: 1\n"
    )
    (item,) = agent.query("read", paths=[rf"{FOLDER}\a.yml"], secrets={"salt": "s", **names})["items"]
    assert TOKEN.sub("•", item["text"]) == (
        "motd: x y\nkeyboard.layout: ru\nfqdn: •\nservices:\n- apiPrefix: •\nport: 1\n"
    )


def test_queries_of_a_call_may_name_the_rules_of_another(agent: Agent) -> None:
    agent.write(rf"{FOLDER}\a.yml", "port: 1\npin: 2\n")
    queries = [
        {"id": name, "kind": "read", "paths": [rf"{FOLDER}\a.yml"], "secrets": rules}
        for name, rules in {"a": HIDDEN, "b": "a", "c": "none", "d": "d"}.items()
    ]
    answers: dict[str, Any] = agent.ask("query", queries=queries)["answers"]
    assert answers["a"]["items"][0]["text"] == answers["b"]["items"][0]["text"]
    assert TOKEN.sub("•", answers["b"]["items"][0]["text"]) == "port: 1\npin: •\n"
    assert [answers[name]["error"]["message"] for name in ("c", "d")] == [
        "The query 'none' has no rules for secrets.",
        "The query 'd' has no rules for secrets.",
    ]


@pytest.mark.parametrize(("name", "text"), [("a.yml", '"•": x\n'), ("a.config", "<a></•></a>"), ("a.json", '{"•": 1}')])
def test_a_token_that_stands_for_no_value_is_never_written(agent: Agent, name: str, text: str) -> None:
    token = TOKEN.findall(read(agent, {"old.yml": "pin: 4711\n"})["old.yml"])[0]
    path = rf"{FOLDER}\{name}"
    status = agent.execute(
        [operations.write_file(path, text.replace("•", token), "utf-8", [rf"{FOLDER}\old.yml"])], secrets=HIDDEN
    )
    assert status["error"]["message"] == (
        f"The new '{path}' has a secret where no value can stand, so it cannot be put back. Give that file in the option "
        "'configuration'."
    )
    assert not agent.path(path).exists()


HISTORIES = Path(__file__).parents[1] / "configuration" / "histories"
VENDORS = sorted(file for file in HISTORIES.rglob("*") if file.is_file())


def test_most_plain_directives_of_the_vendor_stay_readable(agent: Agent) -> None:
    """Where nobody knows the vendor's own file; comments do not count."""
    files = {
        f"{file.parent.name}-{file.name}": re.sub(rb"(?m)^ *#.*$|<!--.*?-->", b"", file.read_bytes())
        for file in VENDORS
    }
    texts = read(agent, dict(files))
    lines = {(name, line) for name, text in files.items() for line in text.decode().splitlines() if line.strip()}
    left = {(name, line) for name, text in texts.items() for line in text.splitlines()}
    assert len(VENDORS) > 20 and len(lines & left) / len(lines) > 0.98


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", "[" * 5000),
        ("a.json", '{"a":' * 300 + "1" + "}" * 300),
        ("a.config", "<a>" * 5000),
        ("a.yml", "a: " + "[" * 300 + "]" * 300),
        ("a.yml", "".join(" " * depth + "a:\n" for depth in range(300))),
    ],
)
def test_field_2_21_what_is_too_deep_is_refused_by_name(agent: Agent, name: str, text: str) -> None:
    with pytest.raises(AgentError) as error:
        read(agent, {name: text.encode()})
    assert str(error.value) == (
        rf"'C:\files\{name}' is nested more than 200 levels deep, and no configuration file of the product is. Nothing of it was "
        "read. Look at that file: is it what it should be?"
    )


@pytest.mark.parametrize(
    "text",
    ["a." * 10000, "a=" * 10000, "- " * 5000, "a b " * 5000, "<a " * 5000, "-" * 10000, "&" * 20000, "a: 'x\n" * 5000, " ;" * 10000,
     "://" * 7000, "-----BEGIN " * 2000, "a\\" * 10000, '"' * 20001, "a: {b\n" * 4000, "<!--" * 5000, "- &a\n" * 5000],
)  # fmt: skip
def test_field_2_21_a_hostile_text_takes_no_second(agent: Agent, text: str) -> None:
    contents = [
        text,
        f"journal.server: {text}",
        f"<a>{text}</a>",
        f'<a b="{text.replace(chr(34), "")}"/>',
        f'{{"a": "{text}"}}',
    ]
    files = {
        f"{number}.{kind}": one.encode() for number, one in enumerate(contents) for kind in ("yml", "config", "json")
    }
    for name, content in files.items():
        agent.write(rf"{FOLDER}\{name}", content)
    began = time.monotonic()
    for name in files:
        with contextlib.suppress(AgentError):
            agent.query("read", paths=[rf"{FOLDER}\{name}"], secrets=HIDDEN)
    assert time.monotonic() - began < len(files)
