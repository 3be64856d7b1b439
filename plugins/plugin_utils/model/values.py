# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Values of YAML files as messages show them: in the words of YAML, which are those of their authors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from math import isfinite
from typing import Any

_LONGEST = 80


def shown(value: Any) -> str:
    """A text in quotes, a number or a boolean as it is written, everything else by its kind."""
    if isinstance(value, str):
        short = value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"
        return "'" + short.replace("'", "''") + "'" if short.isprintable() else json.dumps(short, ensure_ascii=False)
    if value is None:
        return "nothing"
    if isinstance(value, float) and not isfinite(value):
        return "a number without a value"
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    return _kind(value)


def with_hint(value: Any) -> str:
    """The value where a text is wanted: YAML takes some for other things than their authors meant."""
    if isinstance(value, bool):
        return f"{shown(value)}, a yes or no: put it in quotes"
    if isinstance(value, int | float):
        return f"{shown(value)}, a number: put it in quotes"
    return f"{shown(value)}: put it in quotes" if isinstance(value, date) else shown(value)


def _kind(value: Any) -> str:
    kinds = ((Mapping, "a mapping"), (list | tuple, "a list"), (date, "a date"), (bytes, "binary data"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "a value with a tag of its own")
