# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Compiling and running what a module call brings, with small agents written here."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from standin.winrm import AgentExecutor, ModuleCall
from standin.winrm.compiler import PROGRAM, CompileError, compile_program

from .seams import UTILS, write_seams

TESTS = Path(__file__).resolve().parents[2]
ECHO = "return System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(request));"


def agent(body: str, head: str = "") -> dict[str, str]:
    """The sources of an agent that does this."""
    text = f"using System;\n{head}\nnamespace {UTILS}_Agent\n{{\n    public static class Agent\n    {{\n"
    text += (
        f"        public static string Run(string request)\n        {{\n            {body}\n        }}\n    }}\n}}\n"
    )
    return {f"{UTILS}_Agent.cs": text, "Ansible.Basic.cs": "not for Mono"}


@pytest.fixture
def seams(tmp_path: Path) -> Path:
    return write_seams(tmp_path / "seams")


@pytest.fixture
def execute(tmp_path: Path, seams: Path) -> AgentExecutor:
    host = tmp_path / "хост с пробелом"
    (host / "drives" / "c").mkdir(parents=True)
    return AgentExecutor(host, tmp_path / "cache", "ХОСТ1", seams=seams)


def request_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def call(
    execute: AgentExecutor, sources: dict[str, str], request: str = request_of("{}"), **options: Any
) -> dict[str, Any]:
    arguments = {"request": request, "_ansible_check_mode": False, **options.pop("arguments", {})}
    module = options.pop("module", "comindware.platform.host_agent")
    result = execute(ModuleCall(module, arguments, sources, **options))
    answer: dict[str, Any] = json.loads(result.stdout)
    assert result.exit_code == (1 if answer.get("failed") else 0)
    assert result.stderr == b""
    return answer


def test_the_answer_of_the_agent(execute: AgentExecutor) -> None:
    text = '{"имя": "Экземпляр 1", "🦊": "\\"\\r\\n"}'
    request = request_of(text)
    assert call(execute, agent(ECHO), request) == {
        "changed": False,
        "answer": text,
        "invocation": {"module_args": {"request": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"}},
    }


def test_no_invocation_when_it_is_not_wanted(execute: AgentExecutor) -> None:
    assert "invocation" not in call(execute, agent(ECHO), arguments={"_ansible_inject_invocation": False})


def test_the_request_is_masked_in_the_answer(execute: AgentExecutor) -> None:
    request = request_of("password")
    assert call(execute, agent('return "asked: " + request;'), request)["answer"] == "asked: ********"


def test_the_environment_and_the_folder_of_the_agent(execute: AgentExecutor, tmp_path: Path) -> None:
    body = (
        'return Environment.GetEnvironmentVariable("COMPUTERNAME") + "|" + Environment.CurrentDirectory + "|"'
        ' + Environment.GetEnvironmentVariable("USERNAME") + "|" + Environment.GetEnvironmentVariable("FROM_PLAY")'
        ' + "|" + Environment.GetEnvironmentVariable("STANDIN_HOST") + "|"'
        ' + Environment.GetEnvironmentVariable("PYTEST_CURRENT_TEST");'
    )
    host = tmp_path / "хост с пробелом"
    environment = {"FROM_PLAY": "игра", "COMPUTERNAME": "OTHER"}
    answer = call(execute, agent(body), environment=environment)["answer"]
    assert answer == f"ХОСТ1|{host / 'drives' / 'c'}|Administrator|игра|{host}|"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('throw new Exception("плохо");', "exit code 1: "),
        ("Environment.Exit(3); return null;", "exit code 3: it said nothing"),
        ('Console.Error.Write("ouch"); Environment.Exit(4); return null;', "exit code 4: ouch"),
        ('return "";', "exit code 0 and no answer"),
        ("System.Diagnostics.Process.GetCurrentProcess().Kill(); return null;", "killed by signal 9"),
        (
            "Console.OpenStandardOutput().WriteByte(255); return null;".replace("null", '"x"'),
            "answer is not UTF-8",
        ),
    ],
)
def test_an_agent_that_ends_badly(execute: AgentExecutor, body: str, message: str) -> None:
    result = call(execute, agent(body))
    assert result["failed"] and result["msg"].startswith("stand-in host: the agent") and message in result["msg"]


def test_an_unhandled_exception_is_shown(execute: AgentExecutor) -> None:
    assert "плохо" in call(execute, agent('throw new Exception("плохо");'))["msg"]


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        (agent("return 7;"), "_Agent.cs(9,20): error CS0029"),
        (agent("int unused; return request;"), "CS0168"),
        (agent('return $"{request}";'), "_Agent.cs("),
        (agent('return nameof(request) ?? "";'), "nameof"),
        (agent("return new System.Xml.XmlDocument().Name;"), "_Agent.cs("),
        ({}, "standin.Runner.cs("),
    ],
    ids=["type", "warning", "C# 6 string", "C# 6 nameof", "no reference", "no agent"],
)
def test_what_windows_would_not_compile_is_not_compiled(
    execute: AgentExecutor, sources: dict[str, str], message: str
) -> None:
    result = call(execute, sources)
    assert result["failed"] and result["msg"].startswith("stand-in host: Failed to compile C# code: ")
    assert message in result["msg"]


def test_the_same_util_under_two_names_does_not_compile(execute: AgentExecutor) -> None:
    """As on Windows with ansible-core before 2.19, when a module names relatively what a util names in full."""
    text = agent(ECHO)[f"{UTILS}_Agent.cs"]
    result = call(execute, {f"{UTILS}_Agent": text, "..module_utils._Agent": text})
    assert "CS0101" in result["msg"]


def test_directives_of_add_type_are_honoured(execute: AgentExecutor) -> None:
    head = "//AssemblyReference -Name System.Xml.dll -CLR Framework\n//NoWarn -Name CS0168\n//AllowUnsafe"
    head += "\n//AssemblyReference -Name No.Such.dll -CLR Core"
    body = "int unused; unsafe { int x = 1; int* y = &x; return typeof(System.Xml.XmlDocument).Name + *y; }"
    assert call(execute, agent(body, head)).get("answer") == "XmlDocument1"


def test_the_symbols_of_windows_are_defined(execute: AgentExecutor) -> None:
    body = '\n#if WINDOWS && AMD64 && !CORECLR\n            return "windows";\n#else\n            return "";\n#endif'
    assert call(execute, agent(body))["answer"] == "windows"


def test_relative_names_and_full_names_share_a_program(tmp_path: Path, seams: Path) -> None:
    text = agent(ECHO)[f"{UTILS}_Agent.cs"]
    before = compile_program({"..module_utils._Agent": text}, tmp_path, seams)
    assert compile_program({f"{UTILS}_Agent.cs": text}, tmp_path, seams) == before
    assert compile_program({f"{UTILS}_Agent.cs": text + "\n"}, tmp_path, seams) != before


def test_a_change_of_the_seams_is_a_new_program(tmp_path: Path, seams: Path) -> None:
    first = compile_program(agent(ECHO) | {"Ansible.Basic.cs": ""}, tmp_path, seams)
    (seams / "Other.cs").write_text("// another seam\n")
    assert compile_program(agent(ECHO) | {"Ansible.Basic.cs": ""}, tmp_path, seams) != first


def test_threads_and_processes_compile_at_once(tmp_path: Path, seams: Path) -> None:
    cache = tmp_path / "cache"
    sources = {"_Agent.cs": agent(ECHO)[f"{UTILS}_Agent.cs"]}
    script = (
        "import json, sys, pathlib; from standin.winrm.compiler import compile_program;"
        "print(compile_program(json.loads(sys.argv[1]), pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])))"
    )
    command = [sys.executable, "-c", script, json.dumps(sources), str(cache), str(seams)]
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    processes = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    with ThreadPoolExecutor(4) as pool:
        programs = {str(program) for program in pool.map(lambda _: compile_program(sources, cache, seams), range(4))}
    programs |= {process.communicate()[0].strip() for process in processes}
    assert len(programs) == 1
    left = {path.name for path in Path(programs.pop()).parent.iterdir()} - {f"{PROGRAM}.so"}
    assert left == {"lock", PROGRAM}


def test_a_failed_compile_leaves_no_program(tmp_path: Path, seams: Path) -> None:
    with pytest.raises(CompileError):
        compile_program(agent("return 7;"), tmp_path, seams)
    assert not list(tmp_path.glob(f"*/{PROGRAM}"))


def test_a_terminated_command_kills_the_agent_and_its_children(execute: AgentExecutor, tmp_path: Path) -> None:
    marker = tmp_path / "pid"
    body = (
        f'System.Diagnostics.Process.Start("sh", "-c \\"echo $$ > \'{marker}\'; sleep 3600\\"");'
        " System.Threading.Thread.Sleep(3600000); return request;"
    )
    module_call = ModuleCall("comindware.platform.host_agent", {"request": "e30="}, agent(body))
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(execute, module_call)
        while not marker.exists() or not marker.read_text().strip():
            time.sleep(0.05)
        module_call.terminated.set()
        assert "killed by signal 9" in running.result().stdout.decode()
    child = Path("/proc", marker.read_text().strip(), "stat")
    assert not child.exists() or " Z " in child.read_text()


def test_nothing_of_a_call_is_left_for_the_next(execute: AgentExecutor, tmp_path: Path) -> None:
    key = 'Microsoft.Win32.Registry.LocalMachine.CreateSubKey("key").GetValue("value")'
    body = f'return Environment.GetEnvironmentVariable("ONE") + "|" + {key} + "|" + System.Diagnostics.Process.GetCurrentProcess().Id;'
    first = call(execute, agent(body), environment={"ONE": "1"})["answer"]
    (registry,) = (tmp_path / "хост с пробелом").rglob("key")
    (registry / "values.xml").write_text('<values><value name="value" type="string">new</value></values>')
    process = first.removeprefix("1||")
    assert call(execute, agent(body))["answer"] == f"|new|{process}"


def test_calls_at_once_do_not_disturb_each_other(execute: AgentExecutor) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(lambda n: call(execute, agent(ECHO), request_of(str(n)))["answer"], range(8))
    assert list(answers) == [str(n) for n in range(8)]


def test_without_mono_the_message_says_so(
    execute: AgentExecutor, tmp_path: Path, seams: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = {"_Agent.cs": agent(ECHO)[f"{UTILS}_Agent.cs"]}
    compile_program(sources, tmp_path / "cache", seams)
    monkeypatch.setenv("PATH", "/nonexistent")
    execute = AgentExecutor(tmp_path, tmp_path / "cache", "HOST", seams=seams)
    assert "mono-mcs" in call(execute, agent('return "new";'))["msg"]
    assert "mono-runtime" in call(execute, agent(ECHO))["msg"]


@pytest.mark.parametrize(
    "module", ["win_ping", "ansible.windows.win_ping", "Ansible.Windows.Win_Ping", "ansible.legacy.ping"]
)
def test_win_ping(execute: AgentExecutor, module: str) -> None:
    result = execute(ModuleCall(module, {"_ansible_no_log": False}, {}))
    assert json.loads(result.stdout) == {
        "changed": False,
        "ping": "pong",
        "invocation": {"module_args": {"data": "pong"}},
    }
    assert json.loads(execute(ModuleCall(module, {"data": "x"}, {})).stdout)["ping"] == "x"
    assert json.loads(execute(ModuleCall(module, {"data": "crash"}, {})).stdout)["failed"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"module": "ansible.windows.win_copy"},
            "the module 'ansible.windows.win_copy' is not served here: "
            "only comindware.platform.host_agent and win_ping are.",
        ),
        ({"module": "host_agent"}, "the module 'host_agent' is not served here"),
        ({"become": True}, "become is not served here"),
        ({"asynchronous": True}, "async is not served here"),
    ],
)
def test_what_is_not_served_is_refused(execute: AgentExecutor, options: dict[str, Any], message: str) -> None:
    result = call(execute, agent(ECHO), **options)
    assert result["failed"] and result["msg"].startswith(f"stand-in host: {message}")


def test_options_are_checked_as_ansible_does(execute: AgentExecutor) -> None:
    module = "comindware.platform.host_agent"
    missing = execute(ModuleCall(module, {}, agent(ECHO)))
    assert json.loads(missing.stdout)["msg"] == "missing required arguments: request"
    unknown = call(execute, agent(ECHO), arguments={"reqest": 1})
    assert unknown["msg"] == (
        f"Unsupported parameters for ({module}) module: reqest. Supported parameters include: request"
    )


def test_the_call_is_not_shared_between_commands() -> None:
    first, second = (ModuleCall("m", {}, {}) for _ in range(2))
    assert isinstance(first.terminated, threading.Event) and first.terminated is not second.terminated
