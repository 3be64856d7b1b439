# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is taken for a secret in configuration files; the host applies the same patterns in C#."""

from __future__ import annotations

import fnmatch
import re

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.model import secrets


def found(file: str, text: str) -> set[str]:
    return {
        match["secret"].strip()
        for rule in secrets.PATTERNS
        if fnmatch.fnmatch(file.lower(), rule["files"])
        for match in re.finditer(rule["pattern"].replace("(?<", "(?P<"), text)
    }


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("sales.yml", "journal.password: hush\r\n"),
        ("sales.yml", "s3.archive.secretKey: 'hush'\n"),
        ("sales.yml", "auth.openId.clientSecret: hush # since March\n"),
        ("sales.yml", "mq.sasl.password: |\r\n  hush\r\nversion: 1\r\n"),
        ("sales.yml", "journal.server: http://platform:hush@search:9200\n"),
        ("adapterhost.config", "password: hush\n"),
        ("apigateway.json", '{"SaslPassword": "hush"}'),
        ("Web.config", '<add name="x" connectionString="Server=s;Password=hush;Database=d" />'),
        ("Web.config", '<add key="ReportServerPassword" value="hush" />'),
        ("Web.config", '<machineKey validationKey="0123456789abcdef" />'),
        ("Web.config", '<network host="smtp" password="hush" />'),
        ("logs.config", '<target connectionString="DefaultEndpointsProtocol=https;AccountKey=hush" />'),
        ("Agent.config", "<agent><password>hush</password></agent>"),
        ("Agent.config", '<clientSecret type="text">hush</clientSecret>'),
        ("registry", "MailPassword: hush"),
    ],
)
def test_secrets(file: str, text: str) -> None:
    hidden = " ".join(found(file, text))
    assert "hush" in hidden or "0123456789abcdef" in hidden


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("sales.yml", "auth.minimalPasswordLength: 14\n"),
        ("sales.yml", "journal.server: http://search.example.com:9200\n"),
        ("sales.yml", "mq.sasl.username: platform\n"),
        ("Web.config", '<xs:schema xmlns="http://example.com:80/a" path="C:\\x@y" />'),
        ("logs.config", '<target name="tokenFile" fileName="C:\\Logs\\token_${shortdate}.log" />'),
        ("registry", "DatabasePath: C:\\Data"),
    ],
)
def test_what_is_none(file: str, text: str) -> None:
    assert found(file, text) == set()
