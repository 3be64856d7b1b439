# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The faults of WS-Management, with the codes, subcodes and texts of Windows.

Recorded from real hosts by the projects pypsrp (``tests/tests_pypsrp/responses``) and pywinrm (``winrm/tests``), or printed by
clients in their issues; the codes are those of wsmerror.h.
"""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

OPERATION_TIMED_OUT = 2150858793
SHELL_NOT_FOUND = 2150858843
QUOTA_MAX_OPERATIONS = 2150859174
QUOTA_MAX_SHELLS = 2150859173
OPERATION_ABORTED = 995
INVALID_PARAMETER = 87
_INVALID_ACTION = 2150858753
_RESOURCE_NOT_FOUND = 2150858752
_INVALID_MESSAGE_INFORMATION_HEADER = 2150858767
_SCHEMA_VALIDATION_ERROR = 2150858817
_MIN_ENVELOPE_SIZE = 2150858878
_INTERNAL_ERROR = 2147500037

_WSMAN_FAULT = "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"
_ADDRESSING_FAULT = "http://schemas.xmlsoap.org/ws/2004/08/addressing/fault"
_FAULT_DETAIL = "http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/"
_SHELL_PLUGIN = 'provider="Shell cmd plugin" path="%systemroot%\\system32\\winrscmd.dll"'
# WMI's own shape of an error: pywinrm, and Ansible from 2.18 on, look for the quota of operations only here.
_WMI_ERROR = (
    '<p:MSFT_WmiError b:IsCIM_Error="true" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:b="http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd"'
    ' xmlns:p="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/MSFT_WmiError"'
    ' xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common" xsi:type="p:MSFT_WmiError_Type">'
    '<p:CIMStatusCode xsi:type="cim:cimUnsignedInt">27</p:CIMStatusCode>'
    '<p:Message xsi:type="cim:cimString">{message}</p:Message>'
    '<p:MessageID xsi:type="cim:cimString">HRESULT {code:#x}</p:MessageID>'
    '<p:error_Category xsi:type="cim:cimUnsignedInt">30</p:error_Category>'
    '<p:error_Code xsi:type="cim:cimUnsignedInt">{code}</p:error_Code>'
    '<p:error_Type xsi:type="cim:cimString">HRESULT</p:error_Type>'
    '<p:error_WindowsErrorMessage xsi:type="cim:cimString">{message}</p:error_WindowsErrorMessage></p:MSFT_WmiError>'
)


class Fault(Exception):
    """A SOAP fault. ``message`` tells more than ``reason``, ``detail`` is the name of WS-Management for it.

    ``by_plugin``: the plugin of shells found it, and not WS-Management itself. ``by_wmi``: it has the shape of WMI.
    """

    def __init__(
        self,
        subcode: str,
        code: int,
        reason: str,
        message: str = "",
        *,
        detail: str = "",
        by_plugin: bool = False,
        by_wmi: bool = False,
    ) -> None:
        super().__init__(message or reason)
        self.subcode = subcode
        self.code = code
        self.reason = reason
        self.message = message or reason
        self._detail = detail
        self._by_plugin = by_plugin
        self._by_wmi = by_wmi

    @property
    def action(self) -> str:
        """The action of the envelope: WS-Addressing has its own."""
        return _ADDRESSING_FAULT if self.subcode.startswith("a:") else _WSMAN_FAULT

    def body(self, machine: str) -> str:
        """The XML of the fault; ``machine`` is the name by which the client has called the host."""
        role = "Receiver" if self.subcode in ("w:TimedOut", "w:InternalError") else "Sender"
        return (
            f"<s:Fault><s:Code><s:Value>s:{role}</s:Value>"
            f"<s:Subcode><s:Value>{self.subcode}</s:Value></s:Subcode></s:Code>"
            f'<s:Reason><s:Text xml:lang="en-US">{escape(self.reason)} </s:Text></s:Reason>'
            f"<s:Detail>{self._details(machine)}</s:Detail></s:Fault>"
        )

    def _details(self, machine: str) -> str:
        message = f"{escape(self.message)} "
        if self._by_wmi:
            return _WMI_ERROR.format(code=self.code, message=message)
        if self._by_plugin:
            message = f"<f:ProviderFault {_SHELL_PLUGIN}>{message}</f:ProviderFault>"
        named = f"<w:FaultDetail>{_FAULT_DETAIL}{self._detail}</w:FaultDetail>" if self._detail else ""
        return (
            f'{named}<f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" Code="{self.code}"'
            f" Machine={quoteattr(machine)}><f:Message>{message}</f:Message></f:WSManFault>"
        )


def unknown_shell(shell_id: str) -> Fault:
    """There is no such shell, or no longer."""
    return _invalid_selectors(
        f"The request for the Windows Remote Shell with ShellId {shell_id} failed because the shell was not found on the server. "
        "Possible causes are: the specified ShellId is incorrect or the shell no longer exists on the server. Provide the correct "
        "ShellId or create a new shell and retry the operation."
    )


def unknown_command() -> Fault:
    """The shell has no such command, or no longer."""
    return _invalid_selectors(
        "The Windows Remote Shell received a request to perform an operation on a command identifier that does not exist. "
        "Either the command has completed execution or the client specified an invalid command identifier."
    )


def _invalid_selectors(message: str) -> Fault:
    reason = "The WS-Management service cannot process the request because the request contained invalid selectors for the resource."
    return Fault("w:InvalidSelectors", SHELL_NOT_FOUND, reason, message, detail="UnexpectedSelectors")


def no_command() -> Fault:
    """The request names no command at all."""
    reason = "The parameter is incorrect."
    return Fault("w:InvalidParameter", INVALID_PARAMETER, reason, detail="InvalidValue", by_plugin=True)


def operation_timeout() -> Fault:
    """A Receive had nothing to report in the time that the client gave: the client asks again."""
    reason = "The WS-Management service cannot complete the operation within the time specified in OperationTimeout. "
    return Fault("w:TimedOut", OPERATION_TIMED_OUT, reason)


def aborted() -> Fault:
    """The operation was cancelled, as a stop of the service does."""
    reason = "The I/O operation has been aborted because of either a thread exit or an application request."
    return Fault("w:InternalError", OPERATION_ABORTED, reason)


def too_many_operations() -> Fault:
    """MaxConcurrentOperationsPerUser."""
    reason = (
        "The WS-Management service cannot process the request. This user is allowed a maximum number of 1500 concurrent operations, "
        "which has been exceeded. Close existing operations for this user, or raise the quota for this user."
    )
    return Fault("w:InternalError", QUOTA_MAX_OPERATIONS, reason, by_wmi=True)


def too_many_shells(maximum: int) -> Fault:
    """MaxShellsPerUser."""
    reason = (
        f"The WS-Management service cannot process the request. This user is allowed a maximum number of {maximum} concurrent shells, "
        "which has been exceeded. Close existing shells or raise the quota for this user."
    )
    return Fault("w:QuotaLimit", QUOTA_MAX_SHELLS, reason)


def invalid(message: str) -> Fault:
    """The request is not what WS-Management prescribes."""
    reason = (
        "The SOAP XML in the message does not match the corresponding XML schema definition. Change the XML and retry."
    )
    return Fault("w:SchemaValidationError", _SCHEMA_VALIDATION_ERROR, reason, message)


def invalid_timeout(text: str) -> Fault:
    """OperationTimeout is no duration."""
    reason = (
        "The WS-Management service cannot process the request. The request contains one or more invalid SOAP headers."
    )
    message = (
        "The WS-Management service cannot process the request. "
        f"The XML contains an invalid timeout field in the SOAP header: {text}."
    )
    return Fault("a:InvalidMessageInformationHeader", _INVALID_MESSAGE_INFORMATION_HEADER, reason, message)


def envelope_too_small(wanted: str, minimum: int) -> Fault:
    """MaxEnvelopeSize is below what every client must take."""
    reason = f"MaxEnvelopeSize {wanted} is below {minimum}."
    return Fault("w:EncodingLimit", _MIN_ENVELOPE_SIZE, reason, detail="MinimumEnvelopeLimit")


def unknown_action(action: str) -> Fault:
    return Fault("a:ActionNotSupported", _INVALID_ACTION, f"The action {action!r} is not served.")


def unknown_resource(resource: str) -> Fault:
    return Fault(
        "a:DestinationUnreachable",
        _RESOURCE_NOT_FOUND,
        f"The resource {resource!r} is not served.",
        detail="InvalidResourceURI",
    )


def internal_error(error: Exception) -> Fault:
    """A fault of the stand-in itself."""
    return Fault("w:InternalError", _INTERNAL_ERROR, f"internal error: {type(error).__name__}: {error}")
