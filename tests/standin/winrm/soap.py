# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The envelopes of SOAP, with the headers of WS-Addressing."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from urllib.parse import urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from .soap_faults import Fault, invalid

ANONYMOUS = "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous"
NAMESPACES = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "w": "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
    "x": "http://schemas.xmlsoap.org/ws/2004/09/transfer",
    "rsp": "http://schemas.microsoft.com/wbem/wsman/1/windows/shell",
}


@dataclass(frozen=True)
class Envelope:
    """An envelope that has come: its header and its body."""

    header: ElementTree.Element
    body: ElementTree.Element

    @classmethod
    def parse(cls, text: bytes) -> Envelope:
        """Raises Fault for anything that is no envelope."""
        if b"<!DOCTYPE" in text:
            raise invalid("A SOAP envelope must not have a document type declaration.")
        try:
            root = ElementTree.fromstring(text)
        except (ElementTree.ParseError, ValueError, LookupError) as error:
            raise invalid(f"The request is not XML: {error}.") from error
        header, body = root.find("s:Header", NAMESPACES), root.find("s:Body", NAMESPACES)
        if header is None or body is None:
            raise invalid("The request is not a SOAP envelope with a header and a body.")
        return cls(header, body)

    def told(self, path: str, default: str = "") -> str:
        """The text of the first element of the header at ``path`` ("a:Action")."""
        return (self.header.findtext(path, default, NAMESPACES) or default).strip()

    @property
    def message_id(self) -> str:
        return self.told("a:MessageID")

    @property
    def address(self) -> str:
        """The address by which the client has called the host."""
        return self.told("a:To")

    @property
    def machine(self) -> str:
        """The name of the host in that address."""
        try:
            return urlsplit(self.address).hostname or ""
        except ValueError:
            return ""


def reply(asked: Envelope | None, action: str, body: str) -> bytes:
    """The envelope of an answer; ``asked`` is None if nobody could read the request."""
    namespaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    relates = f"<a:RelatesTo>{escape(asked.message_id)}</a:RelatesTo>" if asked and asked.message_id else ""
    return (
        f'<s:Envelope xml:lang="en-US" {namespaces}><s:Header><a:Action>{action}</a:Action>'
        f"<a:MessageID>uuid:{str(uuid.uuid4()).upper()}</a:MessageID><a:To>{ANONYMOUS}</a:To>"
        f"{relates}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def faulted(asked: Envelope | None, fault: Fault) -> bytes:
    """The envelope of a fault."""
    return reply(asked, fault.action, fault.body(asked.machine if asked else ""))
