# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A page in Debian's Chromium, without a window."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--enable-logging=stderr",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
SCHEMES = {"dark": 0, "light": 1}
"""What Blink calls them; the flag --force-dark-mode changes the browser's own windows only."""
LEAST_WIDTH = 500
"""Pixels of the narrowest window that Chromium opens."""
LIMIT_SECONDS = 120

_BROWSERS_OWN = re.compile(r"https?://([\w-]+\.)*(google|googleapis|gstatic)\.com\b")
"""Chromium asks for these whatever it shows; none of our pages names them."""


@dataclass(frozen=True)
class Shown:
    """``dom``: the page as it was in the end; ``console``: what it wrote there; ``asked``: addresses on a network that it asked for;
    ``found``: what the probe found.
    """

    dom: str
    console: list[str]
    asked: list[str]
    found: Any


def show(page: Path, folder: Path, scheme: str = "light", width: int = 1280) -> Shown:
    """Shows a page, and waits until it is loaded. ``folder``: for files of the browser."""
    program = shutil.which("chromium")
    assert program, "chromium is not installed: run 'make system', or install the package chromium"
    log = folder / "network.json"
    if width < LEAST_WIDTH:
        page = _framed(page, width)
    with tempfile.TemporaryDirectory(dir=folder) as profile:
        command = [
            program,
            *FLAGS,
            f"--user-data-dir={profile}",
            f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}",
            f"--window-size={width},900",
            f"--log-net-log={log}",
            "--dump-dom",
            page.as_uri(),
        ]
        run = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=True)
    console = [line for line in run.stderr.splitlines() if "CONSOLE" in line]
    asked = set(re.findall(r'"url":"((?:https?|wss?|ftp)://[^"]+)"', log.read_text(encoding="utf-8", errors="replace")))
    found = re.search('<pre id="found">(.*?)</pre>', run.stdout, re.DOTALL)
    return Shown(
        dom=run.stdout,
        console=console,
        asked=sorted(address for address in asked if not _BROWSERS_OWN.match(address)),
        found=json.loads(html.unescape(found[1])) if found else None,
    )


def _framed(page: Path, width: int) -> Path:
    """A page with the page in a frame, which for its style is a window of that width."""
    frame = page.with_name(f"{page.stem}-{width}.html")
    inside = html.escape(page.read_text(encoding="utf-8"))
    style = f"border: 0; width: {width}px; height: 900px"
    frame.write_text(
        f'<!DOCTYPE html><meta charset="utf-8"><iframe style="{style}" srcdoc="{inside}"></iframe>', encoding="utf-8"
    )
    return frame


def with_probe(page: str, probe: str) -> str:
    """The page with a script at its end, the body of a function whose result :func:`show` gives back. Its policy allows the script."""
    script = (
        "const pre = document.createElement('pre'); pre.id = 'found';"
        f"pre.textContent = JSON.stringify((() => {{ {probe} }})()); parent.document.body.append(pre);"
    )
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    allowed = page.replace("script-src '", f"script-src 'sha256-{digest}' '", 1).replace(
        "script-src &#39;", f"script-src 'sha256-{digest}' &#39;", 1
    )
    assert allowed != page
    return allowed.replace("</body>", f"<script>{script}</script></body>")
