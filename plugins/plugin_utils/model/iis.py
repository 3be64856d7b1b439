# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sites and applications as the agent tells them."""

from __future__ import annotations

from typing import Any

RawSite = dict[str, Any]


def root_folder(site: RawSite) -> str:
    """The folder that the site's root serves."""
    for application in site["applications"]:
        for folder in application["virtual_directories"]:
            if application["path"] == "/" and folder["path"] == "/":
                return str(folder["expanded_path"])
    return ""


def is_web(binding: dict[str, str]) -> bool:
    """Whether a request can be made for it: a binding for a pattern of host names answers to no name in particular."""
    return binding["protocol"] in ("http", "https") and "*." not in binding["information"]


def address(binding: dict[str, str]) -> tuple[str, str, str]:
    """Address, port and host name of a web binding."""
    ip, port, host = binding["information"].rsplit(":", 2)
    return ip, port, host
