# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the shipped policy says about configuration files, on the directives that instances of each age have."""

from __future__ import annotations

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils import policy
from ansible_collections.comindware.platform.plugins.plugin_utils.model.versions import Version

Files = dict[str, dict[str, str]]

REGISTRY = {
    "BackupPath": "b",
    "ConfigPath": "c",
    "DatabasePath": "d",
    "StreamsPath": "s",
    "TempPath": "t",
    "path": "i",
    "fqdn": "f",
    "name": "sales",
    "version": "4.2.612.0",
    "webSiteName": "Comindware sales",
    "port": "80",
    "IsFederationAuthEnabled": "0",
    "IsWalDisabled": "0",
}
YML_4_4 = {
    "isFederationAuthEnabled": "0",
    "backupPath": "b",
    "databasePath": "d",
    "tempPath": "t",
    "streamsPath": "s",
    "configPath": "c",
    "elasticsearchUri": "http://search:9200",
    "version": "4.4.643.0",
    "isLinuxSSOAuthorization": "false",
}
STORAGES = {
    "backup.config.default.repository.type": "LocalDisk",
    "backup.config.default.repository.localDisk.path": "b",
    "tempStorage.type": "LocalDisk",
    "tempStorage.localDisk.path": "t",
    "userStorage.type": "LocalDisk",
    "userStorage.localDisk.path": "s",
}
ADDED = {"instanceName": "sales", "configName": "sales", "manageAdapterHost": "true"}
WORKERS = {"EmailListener": "false", "SyncThread": "false", "ConfigurationId": "6f1d", "SessionManagerWorker": "true"}


@pytest.fixture(scope="module")
def shipped() -> policy.Policy:
    return policy.load()


def rewritten(rules: policy.Policy, start: str, target: str, files: Files) -> Files:
    """The directives after a change of version, as layouts.Directive describes it; files are emptied, never removed."""
    made = {name: dict(directives) for name, directives in files.items()}
    for directive in rules.directives_between(Version.parse(start), Version.parse(target)):
        file, key = directive.origin.file, directive.origin.key
        if key not in made.get(file, {}):
            continue
        value = made[file][key] if file == "registry" else made[file].pop(key)
        for becomes in directive.becomes:
            place = becomes.place
            made.setdefault(place.file, {})[place.key] = value if becomes.value is None else becomes.value
    return made


def test_4_2_gets_a_yml_as_4_7_has_it(shipped: policy.Policy) -> None:
    found = rewritten(shipped, "4.2.612.0", "4.7.23499.0", {"registry": REGISTRY, "Workers.config": WORKERS})
    assert found == {
        "registry": REGISTRY,
        "Workers.config": WORKERS,
        "instance.yml": {
            **STORAGES,
            **ADDED,
            "databasePath": "d",
            "configPath": "c",
            "fqdn": "f",
            "port": "80",
            "version": "4.2.612.0",
            "isFederationAuthEnabled": "0",
        },
    }


def test_4_4_gets_the_storages_and_names_of_4_7(shipped: policy.Policy) -> None:
    registry = {"name": "sales", "version": "4.4.643.0"}
    found = rewritten(shipped, "4.4.643.0", "4.7.3084.0", {"registry": registry, "instance.yml": YML_4_4})
    kept = {name: value for name, value in YML_4_4.items() if name not in ("backupPath", "tempPath", "streamsPath")}
    assert found["instance.yml"] == {**kept, **STORAGES, **ADDED}


@pytest.mark.parametrize(("start", "target"), [("4.6.1140.0", "4.7.3084.0"), ("4.7.2222.0", "4.7.23499.0")])
def test_a_yml_of_the_same_generation_stays_as_it_is(shipped: policy.Policy, start: str, target: str) -> None:
    assert shipped.directives_between(Version.parse(start), Version.parse(target)) == ()


def test_4_7_gets_the_dotted_names_of_5_0(shipped: policy.Policy) -> None:
    files = {
        "instance.yml": {
            **STORAGES,
            **ADDED,
            "databasePath": "d",
            "databaseName": "sales",
            "elasticsearchUri": "http://search:9200",
            "kafkaBootstrapServer": "127.0.0.1:9092",
            "isFederationAuthEnabled": "0",
            "useDataBusNumbers": "0",
            "configPath": "c",
        },
        "Workers.config": WORKERS,
        "adapterhost.config": {
            "platformKey": "sales",
            "bootstrapServers": "k",
            "password": "p",
            "maxArchiveFiles": "9",
        },
        "apigateway.json": {"Instance.Name": "sales", "Kafka.BootstrapServer": "k", "Kata.Enabled": "false"},
    }
    assert rewritten(shipped, "4.7.23499.0", "5.0.24055.0", files) == {
        "instance.yml": {
            "tempStorage.type": "LocalDisk",
            "tempStorage.localDisk.path": "t",
            "userStorage.type": "LocalDisk",
            "userStorage.localDisk.path": "s",
            "clusterName": "sales",
            "configName": "sales",
            "useDataBusNumbers": "0",
            "configPath": "c",
            "db.workDir": "d",
            "db.name": "sales",
            "journal.server": "http://search:9200",
            "mq.server": "127.0.0.1:9092",
            "backup.defaultFolder": "b",
            "email.listenerEnabled": "false",
            "sync.oData.enabled": "false",
            "sync.ldap.enabled": "false",
        },
        "Workers.config": {},
        "adapterhost.config": {},
        "adapterhost.yml": {"clusterName": "sales", "mq.server": "k", "mq.sasl.password": "p"},
        "apigateway.json": {},
        "apigateway.yml": {"cluster.name": "sales", "mq.server": "k"},
    }


def test_early_builds_of_5_0_lose_what_they_alone_had(shipped: policy.Policy) -> None:
    files = {
        "instance.yml": {"clusterName": "sales"},
        "Workers.config": {"NotificationWorker": "false"},
        "adapterhost.yml": {"log.folder": "l", "log.maxArchiveFiles": "9"},
        "apigateway.yml": {"kata.enabled": "false"},
    }
    assert rewritten(shipped, "5.0.13286.0", "5.0.24055.0", files) == {
        "instance.yml": {"clusterName": "sales", "notifications.enabled": "false"},
        "Workers.config": {},
        "adapterhost.yml": {"log.folder": "l"},
        "apigateway.yml": {},
    }


def test_what_a_layout_no_longer_has_was_rewritten_or_is_reported(shipped: policy.Policy) -> None:
    """A file that goes must not take directives with it that no rule names."""
    for start, target in (("4.7.23499.0", "5.0.24055.0"), ("5.0.13286.0", "5.0.24055.0")):
        before, after = (shipped.layout_of(Version.parse(version)) for version in (start, target))
        assert before and after
        gone = {file.name for file in before.files if after.file(file.name) is None}
        applied = shipped.directives_between(Version.parse(start), Version.parse(target))
        assert gone <= {directive.origin.file for directive in applied}
        written = {becomes.place.file for directive in applied for becomes in directive.becomes}
        assert all(after.file(name) for name in written if name not in gone)


@pytest.mark.parametrize(
    ("version", "layout", "settings"),
    [
        ("3.5.1058.0", "registry-3.5", "registry"),
        ("4.2.612.0", "registry-4.2", "registry"),
        ("4.3.1.0", None, None),
        ("4.4.643.0", "yml-4.4", "yml"),
        ("4.6.1139.9", "yml-4.4", "yml"),
        ("4.6.1140.0", "yml-4.6", "yml"),
        ("4.7.32876.0", "yml-4.6", "yml"),
        ("5.0.13286.0", "yml-5.0-before-13334", "yml"),
        ("5.0.13334.0", "yml-5.0", "yml"),
        ("6.0.1.0", "yml-5.0", "yml"),
        ("6.1.0.0", None, None),
    ],
)
def test_each_version_has_its_layout(
    shipped: policy.Policy, version: str, layout: str | None, settings: str | None
) -> None:
    found = shipped.layout_of(Version.parse(version))
    assert (found.id if found else None, found.settings if found else None) == (layout, settings)


def test_no_template_is_invented(shipped: policy.Policy) -> None:
    assert [file.name for layout in shipped.layouts for file in layout.files if file.template] == []
    assert {len(layout.links) for layout in shipped.layouts} == {10}


def test_a_user_s_layout_for_some_versions_goes_before_the_shipped_one() -> None:
    template = {"name": "Web.config", "format": "xml", "template": "templates\\Web.config"}
    own = {
        "id": "ours",
        "versions": ">=5.0.24055.0, <5.1.0.0",
        "settings": "yml",
        "links": ["bin"],
        "files": [{"name": "instance.yml", "format": "flat"}, template],
        "placeholders": {"@NAME@": "instance"},
        "source": "Our hosts",
    }
    rules = policy.load([{"layouts": [own]}])
    ours, theirs = (rules.layout_of(Version.parse(version)) for version in ("5.0.24055.0", "5.0.13334.0"))
    assert ours and theirs
    assert (ours.id, theirs.id) == ("ours", "yml-5.0")
    file = ours.file("web.CONFIG")
    assert file and file.template == "templates\\Web.config"
    assert ours.placeholders == {"@NAME@": "instance"}


def test_nothing_is_rewritten_on_a_guess() -> None:
    directive = {
        "id": "guess",
        "from": {"file": "instance.yml", "key": "old"},
        "when": {"from": "<@5.0-2026-06-09", "to": ">=@5.0-2026-06-09"},
        "certain": True,
        "source": "x",
    }
    rules = policy.load([{"directives": [directive]}])

    def applied(target: str) -> bool:
        return "guess" in {
            found.id for found in rules.directives_between(Version.parse("5.0.24055.0"), Version.parse(target))
        }

    assert (applied("5.0.24056.0"), applied("6.0.1.0")) == (False, True)


def test_certain_is_what_the_vendor_writes(shipped: policy.Policy) -> None:
    for directive in shipped.directives:
        assert directive.certain != ("inferred" in directive.source.casefold()), directive.id
