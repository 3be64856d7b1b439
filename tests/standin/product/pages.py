# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The pages that an instance serves. Texts of the service mode are the vendor's; the rest is only recognisable."""

from __future__ import annotations

import html

from ..windows.http_sys import Response

LOGIN_PATH = "/Home/Login/"
ADMINISTRATOR_PATH = "/Home/Login/?mode=administrator"


def login() -> Response:
    return Response(
        200,
        _page(
            "Comindware Platform",
            '<form method="post"><input name="login" /><input name="password" '
            'type="password" /><button>Войти</button></form>',
        ),
    )


def redirect() -> Response:
    return Response(302, "", {"Location": f"{LOGIN_PATH}?returnUrl=/"})


def service_mode(status: int) -> Response:
    return Response(
        status,
        _page(
            "Включен режим обслуживания",
            f'<h1>Включен режим обслуживания</h1><a href="{ADMINISTRATOR_PATH}">Войти как администратор</a>',
        ),
    )


def negotiate() -> Response:
    """What IIS answers to a request without credentials when only Windows authentication is enabled."""
    return Response(
        401,
        _page("401 - Unauthorized: Access is denied due to invalid credentials.", ""),
        {"WWW-Authenticate": "Negotiate"},
    )


def text(status: int, body: str) -> Response:
    return Response(status, body, {"Content-Type": "text/plain; charset=utf-8"})


def starting() -> Response:
    return Response(503, _page("Service Unavailable", "The application is starting."))


def failed(reason: str) -> Response:
    """ASP.NET's own page: the exception is shown to local callers only."""
    return Response(
        500, _page("Runtime Error", f"<h1>Server Error in '/' Application.</h1><pre>{html.escape(reason)}</pre>")
    )


def _page(title: str, body: str) -> str:
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title></head><body>{body}</body></html>'
