# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The execution environment for AWX, as far as it can be made without containers: the context, and what two of its stages do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from end_to_end.runs import ROOT

NOWHERE = "http://127.0.0.1:9"  # the port "discard", on which nothing listens


def run(*command: str, folder: Path) -> str:
    """What a program prints; it finds neither Galaxy nor a configuration of this machine."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    ended = subprocess.run(
        command,
        cwd=folder,
        env={
            **environment,
            "ANSIBLE_HOME": str(folder / "home"),
            "ANSIBLE_GALAXY_SERVER": NOWHERE,
            "HOME": str(folder),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout
    return ended.stdout


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ansible-builder makes for the engine that builds images, with the collection as it is released."""
    folder = tmp_path_factory.mktemp("environment")
    run("ansible-galaxy", "collection", "build", str(ROOT), "--output-path", str(folder), folder=folder)
    (tarball,) = folder.glob("comindware-platform-*.tar.gz")
    shutil.copy(tarball, folder / "comindware-platform.tar.gz")
    shutil.copy(ROOT / "extensions" / "awx" / "execution-environment.yml", folder)
    command = "create --file execution-environment.yml --context context --output-filename Containerfile"
    run("ansible-builder", *command.split(), folder=folder)
    return folder / "context"


def test_the_context_has_the_collection_and_asks_no_galaxy(context: Path) -> None:
    steps = (context / "Containerfile").read_text(encoding="utf-8").splitlines()
    assert 'ARG EE_BASE_IMAGE="quay.io/centos/centos:stream9"' in steps
    assert 'ARG ANSIBLE_GALAXY_CLI_COLLECTION_OPTS="--offline"' in steps
    assert 'ARG PYCMD="/usr/bin/python3.12"' in steps
    assert 'ARG PKGMGR="/usr/bin/dnf"' in steps
    assert 'ARG ANSIBLE_INSTALL_REFS="ansible-core~=2.19.0 ansible-runner~=2.4"' in steps
    assert steps.index("ENV PIP_INDEX_URL=$PIP_INDEX_URL") < steps.index(
        "RUN $PYCMD -m pip install --no-cache-dir $ANSIBLE_INSTALL_REFS"
    )
    assert (context / "_build" / "collections" / "comindware-platform.tar.gz").stat().st_size > 100_000
    wanted = yaml.safe_load((context / "_build" / "requirements.yml").read_text(encoding="utf-8"))
    assert wanted == {"collections": [{"name": "collections/comindware-platform.tar.gz", "type": "file"}]}


def test_the_stages_find_what_the_collection_needs(context: Path, tmp_path: Path) -> None:
    build = context / "_build"
    (install,) = [
        line
        for line in (context / "Containerfile").read_text(encoding="utf-8").splitlines()
        if "collection install" in line
    ]
    assert install.split("ansible-galaxy ")[1] == (
        "collection install $ANSIBLE_GALAXY_CLI_COLLECTION_OPTS -r requirements.yml "
        '--collections-path "/usr/share/ansible/collections"'
    )
    run(
        "ansible-galaxy",
        "role",
        "install",
        "-r",
        "requirements.yml",
        "--roles-path",
        str(tmp_path / "roles"),
        folder=build,
    )
    folder = tmp_path / "collections"
    run(
        "ansible-galaxy",
        "collection",
        "install",
        "--offline",
        "-r",
        "requirements.yml",
        "-p",
        str(folder),
        folder=build,
    )
    installed = folder / "ansible_collections" / "comindware" / "platform"
    assert (installed / "playbooks" / "vars" / "awx_ru.yml").is_file()
    assert not (installed / "tests" / "unit").exists()

    python, system = tmp_path / "requirements.txt", tmp_path / "bindep.txt"
    introspect = [sys.executable, "scripts/introspect.py", "introspect", str(folder), "--user-bindep=bindep.txt"]
    run(*introspect, f"--write-pip={python}", f"--write-bindep={system}", folder=build)
    assert [line.split("  #")[0] for line in python.read_text(encoding="utf-8").splitlines()] == [
        "pywinrm>=0.5.0",
        "pywinrm[kerberos]>=0.5.0",
        "pywinrm[credssp]>=0.5.0",
    ]
    assert [line.split("  #")[0] for line in system.read_text(encoding="utf-8").splitlines()] == [
        "krb5-workstation [platform:rpm]",
        "krb5-devel [compile platform:rpm]",
        "krb5-user [platform:dpkg]",
        "libkrb5-dev [compile platform:dpkg]",
        "gcc [compile platform:rpm]",
        "gcc [compile platform:dpkg]",
        "python3.12-devel [compile platform:rpm]",
    ]
