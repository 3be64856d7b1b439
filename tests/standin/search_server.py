# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The search server of a fleet: it says that it is OpenSearch, and that it is well. It keeps no indices."""

from __future__ import annotations

import json

from .windows.http_sys import HttpSys, Request, Response

NOBODY = 9
"""A port of the loopback where nobody listens: that of the discard service, which no system runs any more."""

_PAGES = {
    "/": {
        "name": "search01",
        "cluster_name": "opensearch",
        "version": {
            "distribution": "opensearch",
            "number": "2.18.0",
            "minimum_wire_compatibility_version": "7.10.0",
            "minimum_index_compatibility_version": "7.0.0",
        },
        "tagline": "The OpenSearch Project: https://opensearch.org/",
    },
    "/_cluster/health": {"cluster_name": "opensearch", "status": "green", "timed_out": False, "number_of_nodes": 1},
}


class SearchServer:
    """Listens on the loopback."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._http = HttpSys(_answer)

    def start(self) -> None:
        """Raises OSError if another process has the port."""
        self._http.listen({self._port: None})

    def stop(self) -> None:
        self._http.listen({})


def _answer(request: Request) -> Response:
    path = request.path.partition("?")[0]
    known = _PAGES.get(path)
    status = 200 if known else 404
    content = known or {"error": {"type": "index_not_found_exception", "reason": f"no such index [{path[1:]}]"}}
    return Response(
        status, json.dumps(content), {"Content-Type": "application/json; charset=UTF-8"}, server="opensearch"
    )
