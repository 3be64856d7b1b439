# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The requests and replies of WS-Management, as far as a Windows remote shell (MS-WSMV) needs them."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from xml.sax.saxutils import escape

from . import soap_faults
from .soap import NAMESPACES, Envelope, reply

SHELL_RESOURCE = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/cmd"
SHELL_ACTION = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/"
TRANSFER_ACTION = "http://schemas.xmlsoap.org/ws/2004/09/transfer/"

ENVELOPE_OVERHEAD = 4096
"""Bytes that are set aside in a reply for everything but the base64 of the output."""

# A client may ask for no less: MS-WSMAN 3.1.4.1.9.
MINIMUM_ENVELOPE = 8192
MAXIMUM_ENVELOPE = 512_000

_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")


@dataclass(frozen=True)
class Request:
    """A parsed request: ``action`` is the last word of its URI, ``operation_timeout`` is in seconds."""

    envelope: Envelope
    action: str
    shell_id: str
    operation_timeout: float
    envelope_limit: int
    options: dict[str, str]

    @classmethod
    def of(cls, envelope: Envelope) -> Request:
        """Raises Fault for anything that is not a request for a Windows remote shell."""
        action = envelope.told("a:Action")
        if not action.startswith((SHELL_ACTION, TRANSFER_ACTION)):
            raise soap_faults.unknown_action(action)
        resource = envelope.told("w:ResourceURI")
        if resource != SHELL_RESOURCE:
            raise soap_faults.unknown_resource(resource)
        timeout = envelope.told("w:OperationTimeout", "PT60S")
        seconds = _seconds(timeout)
        if seconds is None:
            raise soap_faults.invalid_timeout(timeout)
        return cls(
            envelope=envelope,
            action=action.rsplit("/", 1)[-1],
            shell_id=envelope.told("w:SelectorSet/w:Selector[@Name='ShellId']").upper(),
            operation_timeout=seconds,
            envelope_limit=_envelope_limit(envelope.told("w:MaxEnvelopeSize", str(MAXIMUM_ENVELOPE))),
            options={
                option.get("Name", ""): (option.text or "").strip()
                for option in envelope.header.iterfind("w:OptionSet/w:Option", NAMESPACES)
            },
        )

    def texts(self, path: str) -> list[str]:
        """The texts of all elements of the body at ``path`` ("rsp:CommandLine/rsp:Command")."""
        return [element.text or "" for element in self.envelope.body.iterfind(path, NAMESPACES)]

    def text(self, path: str) -> str:
        """The text of the first of them, or ""."""
        return next(iter(self.texts(path)), "")

    def attribute(self, path: str, name: str) -> str:
        """The attribute ``name`` of the first element of the body at ``path``, or ""."""
        element = self.envelope.body.find(path, NAMESPACES)
        return "" if element is None else element.get(name, "")

    def duration(self, path: str) -> float | None:
        """Seconds that the client gives at ``path``, or None. Raises Fault for what is no duration."""
        text = self.text(path).strip()
        seconds = _seconds(text) if text else None
        if text and seconds is None:
            raise soap_faults.invalid(f"The duration {text!r} is not one of XML Schema, for example PT20S.")
        return seconds


def _seconds(duration: str) -> float | None:
    match = _DURATION.fullmatch(duration)
    if match is None:
        return None
    days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return days * 86400 + hours * 3600 + minutes * 60 + seconds


def _envelope_limit(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,12}", text):
        raise soap_faults.invalid(f"MaxEnvelopeSize {text!r} is not a number.")
    if int(text) < MINIMUM_ENVELOPE:
        raise soap_faults.envelope_too_small(text, MINIMUM_ENVELOPE)
    return min(int(text), MAXIMUM_ENVELOPE)


def created(request: Request, shell_id: str, owner: str, client: str, idle_seconds: float) -> bytes:
    """The reply to Create; ``client`` is the address from which it came."""
    selector = f'<w:SelectorSet><w:Selector Name="ShellId">{shell_id}</w:Selector></w:SelectorSet>'
    streams = "".join(
        f"<rsp:{name}>{escape(request.text(f'rsp:Shell/rsp:{name}') or default)}</rsp:{name}>"
        for name, default in (("InputStreams", "stdin"), ("OutputStreams", "stdout stderr"))
    )
    return reply(
        request.envelope,
        f"{TRANSFER_ACTION}CreateResponse",
        f"<x:ResourceCreated><a:Address>{escape(request.envelope.address)}</a:Address><a:ReferenceParameters>"
        f"<w:ResourceURI>{SHELL_RESOURCE}</w:ResourceURI>{selector}</a:ReferenceParameters></x:ResourceCreated>"
        f"<rsp:Shell><rsp:ShellId>{shell_id}</rsp:ShellId><rsp:ResourceUri>{SHELL_RESOURCE}</rsp:ResourceUri>"
        f"<rsp:Owner>{escape(owner)}</rsp:Owner><rsp:ClientIP>{escape(client)}</rsp:ClientIP>"
        f"<rsp:IdleTimeOut>PT{idle_seconds:.3f}S</rsp:IdleTimeOut>{streams}"
        "<rsp:ShellRunTime>P0DT0H0M0S</rsp:ShellRunTime><rsp:ShellInactivity>P0DT0H0M0S</rsp:ShellInactivity></rsp:Shell>",
    )


def command_started(request: Request, command_id: str) -> bytes:
    """The reply to Command."""
    return reply(
        request.envelope,
        f"{SHELL_ACTION}CommandResponse",
        f"<rsp:CommandResponse><rsp:CommandId>{command_id}</rsp:CommandId></rsp:CommandResponse>",
    )


def input_taken(request: Request) -> bytes:
    """The reply to Send."""
    return reply(request.envelope, f"{SHELL_ACTION}SendResponse", "<rsp:SendResponse/>")


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
    body = f"<rsp:ReceiveResponse>{streams}{state}</rsp:ReceiveResponse>"
    return reply(request.envelope, f"{SHELL_ACTION}ReceiveResponse", body)


def signalled(request: Request) -> bytes:
    """The reply to Signal."""
    return reply(request.envelope, f"{SHELL_ACTION}SignalResponse", "<rsp:SignalResponse/>")


def deleted(request: Request) -> bytes:
    """The reply to Delete."""
    return reply(request.envelope, f"{TRANSFER_ACTION}DeleteResponse", "")
