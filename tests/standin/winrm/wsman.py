# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The SOAP of WS-Management, as far as a Windows remote shell (MS-WSMV) needs it."""

from __future__ import annotations

import base64
import re
import uuid
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

SHELL_RESOURCE = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/cmd"
SHELL_ACTION = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/"
TRANSFER_ACTION = "http://schemas.xmlsoap.org/ws/2004/09/transfer/"
FAULT_ACTION = "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"
ANONYMOUS = "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous"

ENVELOPE_OVERHEAD = 4096
"""Bytes that are set aside in a reply for everything but the base64 of the output."""

# A client may ask for no less: MS-WSMAN 3.1.4.1.9.
MINIMUM_ENVELOPE = 8192
MAXIMUM_ENVELOPE = 512_000

# wsmerror.h, named there ERROR_WSMAN_…; the first two were also recorded from real hosts by the pypsrp project.
OPERATION_TIMED_OUT = 2150858793
INVALID_SELECTORS = 2150858843
QUOTA_MAX_OPERATIONS = 2150859174
QUOTA_MAX_SHELLS = 2150859236
INVALID_ACTION = 2150858753
MIN_ENVELOPE_SIZE = 2150858878

_NAMESPACES = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "w": "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
    "x": "http://schemas.xmlsoap.org/ws/2004/09/transfer",
    "rsp": "http://schemas.microsoft.com/wbem/wsman/1/windows/shell",
    "f": "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault",
}
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")


class Fault(Exception):
    """A SOAP fault. ``wsman_code`` is the number of wsmerror.h; ``wmi_code`` makes it a quota fault of WMI."""

    def __init__(
        self,
        reason: str,
        *,
        subcode: str,
        wsman_code: int | None = None,
        wmi_code: int | None = None,
        sender: bool = True,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.subcode = subcode
        self.wsman_code = wsman_code
        self.wmi_code = wmi_code
        self.sender = sender


def unknown_shell(what: str) -> Fault:
    """The fault for a shell or command that does not exist, or does no longer."""
    reason = f"The request for the Windows Remote Shell with {what} failed because it was not found on the server."
    return Fault(reason, subcode="w:InvalidSelectors", wsman_code=INVALID_SELECTORS)


def operation_timeout() -> Fault:
    """The fault of a Receive that had nothing to report in the time the client gave: the client asks again."""
    reason = "The WS-Management service cannot complete the operation within the time specified in OperationTimeout.  "
    return Fault(reason, subcode="w:TimedOut", wsman_code=OPERATION_TIMED_OUT, sender=False)


def invalid(reason: str) -> Fault:
    """The fault for a request that is not what WS-Management prescribes."""
    return Fault(reason, subcode="w:SchemaValidationError")


@dataclass(frozen=True)
class Request:
    """A parsed request: ``action`` is the last word of its URI, ``operation_timeout`` is in seconds."""

    action: str
    message_id: str
    shell_id: str
    operation_timeout: float
    envelope_limit: int
    options: dict[str, str]
    body: ElementTree.Element

    def text(self, path: str) -> str:
        """The text of the first element of the body at ``path`` ("rsp:CommandLine/rsp:Command"), or ""."""
        return self.body.findtext(path, "", _NAMESPACES)

    def attribute(self, path: str, name: str) -> str:
        """The attribute ``name`` of the first element of the body at ``path``, or ""."""
        element = self.body.find(path, _NAMESPACES)
        return "" if element is None else element.get(name, "")


def parse(envelope: bytes) -> Request:
    """Parse a request. Raises Fault for anything that is not a request for a Windows remote shell."""
    header, body = _header_and_body(envelope)

    def header_text(path: str, default: str = "") -> str:
        return (header.findtext(path, default, _NAMESPACES) or default).strip()

    action = header_text("a:Action")
    resource = header_text("w:ResourceURI")
    if not action.startswith((SHELL_ACTION, TRANSFER_ACTION)):
        raise Fault(f"The action {action!r} is not served.", subcode="a:ActionNotSupported", wsman_code=INVALID_ACTION)
    if resource != SHELL_RESOURCE:
        raise Fault(f"The resource {resource!r} is not served.", subcode="a:DestinationUnreachable")
    return Request(
        action=action.rsplit("/", 1)[-1],
        message_id=header_text("a:MessageID"),
        shell_id=header_text("w:SelectorSet/w:Selector[@Name='ShellId']").upper(),
        operation_timeout=_seconds(header_text("w:OperationTimeout", "PT60S")),
        envelope_limit=_envelope_limit(header_text("w:MaxEnvelopeSize", str(MAXIMUM_ENVELOPE))),
        options={
            option.get("Name", ""): (option.text or "").strip()
            for option in header.iterfind("w:OptionSet/w:Option", _NAMESPACES)
        },
        body=body,
    )


def _header_and_body(envelope: bytes) -> tuple[ElementTree.Element, ElementTree.Element]:
    if b"<!DOCTYPE" in envelope:
        raise invalid("A SOAP envelope must not have a document type declaration.")
    try:
        root = ElementTree.fromstring(envelope)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise invalid(f"The request is not XML: {error}.") from error
    header, body = root.find("s:Header", _NAMESPACES), root.find("s:Body", _NAMESPACES)
    if header is None or body is None:
        raise invalid("The request is not a SOAP envelope with a header and a body.")
    return header, body


def _seconds(duration: str) -> float:
    match = _DURATION.fullmatch(duration)
    if match is None:
        raise invalid(f"The duration {duration!r} is not one of XML Schema, for example PT20S.")
    days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return days * 86400 + hours * 3600 + minutes * 60 + seconds


def _envelope_limit(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,12}", text):
        raise invalid(f"MaxEnvelopeSize {text!r} is not a number.")
    if int(text) < MINIMUM_ENVELOPE:
        raise Fault(
            f"MaxEnvelopeSize {text} is below {MINIMUM_ENVELOPE}.",
            subcode="w:EncodingLimit",
            wsman_code=MIN_ENVELOPE_SIZE,
        )
    return min(int(text), MAXIMUM_ENVELOPE)


def created(request: Request, shell_id: str) -> bytes:
    """The reply to Create."""
    selector = f'<w:SelectorSet><w:Selector Name="ShellId">{shell_id}</w:Selector></w:SelectorSet>'
    return _reply(
        request,
        f"{TRANSFER_ACTION}CreateResponse",
        f"<x:ResourceCreated><a:Address>{ANONYMOUS}</a:Address><a:ReferenceParameters>"
        f"<w:ResourceURI>{SHELL_RESOURCE}</w:ResourceURI>{selector}</a:ReferenceParameters></x:ResourceCreated>"
        f"<rsp:Shell><rsp:ShellId>{shell_id}</rsp:ShellId><rsp:ResourceUri>{SHELL_RESOURCE}</rsp:ResourceUri>"
        "<rsp:InputStreams>stdin</rsp:InputStreams><rsp:OutputStreams>stdout stderr</rsp:OutputStreams></rsp:Shell>",
    )


def command_started(request: Request, command_id: str) -> bytes:
    """The reply to Command."""
    return _reply(
        request,
        f"{SHELL_ACTION}CommandResponse",
        f"<rsp:CommandResponse><rsp:CommandId>{command_id}</rsp:CommandId></rsp:CommandResponse>",
    )


def input_taken(request: Request) -> bytes:
    """The reply to Send."""
    return _reply(request, f"{SHELL_ACTION}SendResponse", "<rsp:SendResponse/>")


def output(request: Request, command_id: str, pieces: list[tuple[str, bytes]], exit_code: int | None) -> bytes:
    """The reply to Receive: pieces of output as (stream name, bytes); ``exit_code`` is None while more may come."""
    streams = "".join(
        f'<rsp:Stream Name="{name}" CommandId="{command_id}">{base64.b64encode(data).decode()}</rsp:Stream>'
        for name, data in pieces
    )
    if exit_code is None:
        state = f'<rsp:CommandState CommandId="{command_id}" State="{SHELL_ACTION}CommandState/Running"/>'
    else:
        ends = "".join(
            f'<rsp:Stream Name="{name}" CommandId="{command_id}" End="true"/>' for name in ("stdout", "stderr")
        )
        state = (
            f'{ends}<rsp:CommandState CommandId="{command_id}" State="{SHELL_ACTION}CommandState/Done">'
            f"<rsp:ExitCode>{exit_code}</rsp:ExitCode></rsp:CommandState>"
        )
    return _reply(
        request, f"{SHELL_ACTION}ReceiveResponse", f"<rsp:ReceiveResponse>{streams}{state}</rsp:ReceiveResponse>"
    )


def signalled(request: Request) -> bytes:
    """The reply to Signal."""
    return _reply(request, f"{SHELL_ACTION}SignalResponse", "<rsp:SignalResponse/>")


def deleted(request: Request) -> bytes:
    """The reply to Delete."""
    return _reply(request, f"{TRANSFER_ACTION}DeleteResponse", "")


def faulted(fault: Fault, message_id: str = "") -> bytes:
    """The envelope of a fault; ``message_id`` is that of the request, if it could be read."""
    reason = escape(fault.reason)
    detail = ""
    if fault.wsman_code is not None:
        message = f"<f:Message>{reason}</f:Message>"
        detail = f'<f:WSManFault Code="{fault.wsman_code}" Machine="stand-in">{message}</f:WSManFault>'
    if fault.wmi_code is not None:
        wmi = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/MSFT_WmiError"
        detail = (
            f"<p:MSFT_WmiError xmlns:p={quoteattr(wmi)}><p:error_Code>{fault.wmi_code}</p:error_Code>"
            f"<p:Message>{reason}</p:Message></p:MSFT_WmiError>"
        )
    role = "Sender" if fault.sender else "Receiver"
    return _envelope(
        FAULT_ACTION,
        message_id,
        f"<s:Fault><s:Code><s:Value>s:{role}</s:Value><s:Subcode><s:Value>{fault.subcode}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="en-US">{reason}</s:Text></s:Reason><s:Detail>{detail}</s:Detail></s:Fault>',
    )


def _reply(request: Request, action: str, body: str) -> bytes:
    return _envelope(action, request.message_id, body)


def _envelope(action: str, relates_to: str, body: str) -> bytes:
    namespaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())
    return (
        f'<s:Envelope xml:lang="en-US" {namespaces}><s:Header><a:Action>{action}</a:Action>'
        f"<a:MessageID>uuid:{str(uuid.uuid4()).upper()}</a:MessageID><a:To>{ANONYMOUS}</a:To>"
        f"<a:RelatesTo>{escape(relates_to)}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()
