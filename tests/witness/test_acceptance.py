# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The acceptance run for real Windows (tests/windows) on a Wine host: what Wine can serve passes, what it cannot has its reason here."""

from __future__ import annotations

import re

from end_to_end.runs import OLD, ROOT, SALES, MakeController

_NO_DUMMY = "the dummy is not there"
_NO_IIS = "Wine has no IIS, and so not its assembly Microsoft.Web.Administration"
_NO_LINKS = "Wine 8 makes no links"
_NO_SECURITY = "Wine makes a Unix mode of owners and access lists"

CANNOT: dict[str, tuple[str, str]] = {
    "powershell": ("PowerShell is 7, and .NET Framework is not there", "seen.version.startswith('5.1.')"),
    "dummy": (_NO_LINKS, "New-Item"),
    "states": (_NO_IIS, "Microsoft.Web.Administration.dll"),
    "inspection": (_NO_DUMMY, "There is no instance 'acceptance'"),
    "page": (_NO_DUMMY, "Connection refused"),
    "protection": (_NO_SECURITY, "The property 'Owner' cannot be found"),
    "planted_root": (_NO_LINKS, "New-Item"),
    "links": (_NO_LINKS + ", and for Wine a broken one is not there", "is not as it was written"),
    "security_kept": (_NO_SECURITY, "icacls"),
    "holders": ("Wine has no WMI", "Invoke-CimMethod"),
    "cyrillic": (_NO_IIS, "Microsoft.Web.Administration.dll"),
    "upgrade": (_NO_DUMMY, "There is no instance 'acceptance'"),
    "rollback": (_NO_DUMMY, "Could not find file"),
}
"""Checks that Wine cannot serve, by name: the reason, and what is said when it fails, so that it fails for this reason alone."""


def test_the_acceptance_run(controller: MakeController) -> None:
    control = controller(SALES)
    assert control.running_version("app01", "sales") == OLD
    inventory = control.fleet.inventory
    inventory.write_text(inventory.read_text("utf-8").replace("platform_hosts:", "acceptance_hosts:"), encoding="utf-8")
    cannot = {name: {"reason": reason, "said": said} for name, (reason, said) in CANNOT.items()}
    run = control.playbook(
        str(ROOT / "tests" / "windows" / "acceptance.yml"), acceptance_cannot=cannot, acceptance_restarted="sales"
    )
    table = {name: word for word, name in re.findall(r'"(PROVED|FAILED|CANNOT) +(\w+) ', run.output)}
    assert run.status == 0, run.output
    assert {name for name, word in table.items() if word == "CANNOT"} == set(CANNOT)
    assert {name for name, word in table.items() if word == "PROVED"} == {
        "appcmd",
        "worker",
        "long_paths",
        "encodings",
        "registry",
        "free_space",
    }
