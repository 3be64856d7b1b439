# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Win32 error codes that IIS, services and programs answer, with the texts of Windows in English and Russian."""

from __future__ import annotations

ACCESS_DENIED = 5
NOT_SUPPORTED = 50
SHARING_VIOLATION = 32
INVALID_PARAMETER = 87
ALREADY_EXISTS = 183
DEPENDENT_SERVICES_RUNNING = 1051
SERVICE_ALREADY_RUNNING = 1056
SERVICE_DISABLED = 1058
SERVICE_DOES_NOT_EXIST = 1060
SERVICE_CANNOT_ACCEPT_CONTROL = 1061
SERVICE_NOT_ACTIVE = 1062
NOT_FOUND = 1168
RPC_CALL_FAILED = 1726
OBJECT_IDENTIFIER_INVALID = 4312

TEXTS = {
    "en": {
        ACCESS_DENIED: "Access is denied.",
        NOT_SUPPORTED: "The WAS service is not available - try starting the service first.",
        SHARING_VIOLATION: "The process cannot access the file because it is being used by another process.",
        INVALID_PARAMETER: "The parameter is incorrect.",
        ALREADY_EXISTS: "Cannot create a file when that file already exists.",
        DEPENDENT_SERVICES_RUNNING: "A stop control has been sent to a service that other running services "
        "are dependent on.",
        SERVICE_ALREADY_RUNNING: "An instance of the service is already running.",
        SERVICE_DISABLED: "The service cannot be started, either because it is disabled or because it has no enabled "
        "devices associated with it.",
        SERVICE_DOES_NOT_EXIST: "The specified service does not exist as an installed service.",
        SERVICE_CANNOT_ACCEPT_CONTROL: "The service cannot accept control messages at this time.",
        SERVICE_NOT_ACTIVE: "The service has not been started.",
        NOT_FOUND: "Element not found.",
        RPC_CALL_FAILED: "The remote procedure call failed.",
        OBJECT_IDENTIFIER_INVALID: "The object identifier does not represent a valid object.",
    },
    "ru": {
        ACCESS_DENIED: "Отказано в доступе.",
        NOT_SUPPORTED: "Служба WAS недоступна. Попробуйте сначала запустить эту службу.",
        SHARING_VIOLATION: "Процесс не может получить доступ к файлу, так как этот файл занят другим процессом.",
        INVALID_PARAMETER: "Параметр задан неверно.",
        ALREADY_EXISTS: "Невозможно создать файл, так как он уже существует.",
        DEPENDENT_SERVICES_RUNNING: "Команда остановки была отправлена службе, от которой зависят другие службы.",
        SERVICE_ALREADY_RUNNING: "Одна копия службы уже запущена.",
        SERVICE_DISABLED: "Указанная служба не может быть запущена, поскольку она отключена.",
        SERVICE_DOES_NOT_EXIST: "Указанная служба не установлена.",
        SERVICE_CANNOT_ACCEPT_CONTROL: "Служба в настоящее время не может принимать команды.",
        SERVICE_NOT_ACTIVE: "Служба не запущена.",
        NOT_FOUND: "Элемент не найден.",
        RPC_CALL_FAILED: "Сбой при удаленном вызове процедуры.",
        OBJECT_IDENTIFIER_INVALID: "Идентификатор объекта не представляет допустимый объект.",
    },
}


class Win32Error(Exception):
    """A Windows call that failed with a code; `hresult` is the same as IIS prints it."""

    def __init__(self, code: int) -> None:
        super().__init__(f"{code}: {TEXTS['en'].get(code, 'an error of Windows')}")
        self.code = code

    @property
    def hresult(self) -> str:
        return f"8007{self.code:04x}"

    def text(self, language: str) -> str:
        return TEXTS[language].get(self.code, str(self.code))
