"""The operating system: calls of one system stay in ``acm_etl.host``, whose Windows branches run here on stand-ins."""

from __future__ import annotations

import ast
import ctypes
import os
import shlex
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from package_modules import PACKAGE, parse_modules

from acm_etl import host
from acm_etl.errors import StoreInUseError
from acm_etl.io.connect import find_store_file
from acm_etl.io.duckdb import errors
from acm_etl.io.duckdb.url import parse_duckdb_path

# Modules of one system only, and ``ctypes``, which calls it past Python.
MODULES = {"fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "select", "syslog", "msvcrt", "winreg", "ctypes"}
# Functions of ``os`` that Windows lacks, or that do something else there.
OS_NAMES = {
    *("kill", "killpg", "fork", "forkpty", "wait", "waitpid", "setsid", "getpgid", "nice", "dup", "dup2"),
    *("getuid", "geteuid", "getgid", "setuid", "chown", "mkfifo", "statvfs", "uname", "sysconf", "umask"),
    *("sched_getaffinity", "sched_setaffinity", "pread", "pwrite", "posix_fallocate", "O_DIRECTORY"),
}
# All that ``signal`` has on every system.
PORTABLE_SIGNAL_NAMES = {"signal", "SIGINT", "SIG_IGN", "SIG_DFL", "Signals", "Handlers"}
FOLDERS = tuple(f"/{name}/" for name in ("proc", "dev", "tmp", "etc", "var"))
VARIABLES = {"XDG_STATE_HOME", "LOCALAPPDATA", "APPDATA"}


def list_calls(tree):
    """Yield what a module uses of one system only."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from MODULES & {name.name.partition(".")[0] for name in names}
            case ast.ImportFrom(module=module, names=names):
                yield from MODULES & {str(module).partition(".")[0]}
                yield from OS_NAMES & {name.name for name in names if module == "os"}
                yield from {name.name for name in names if module == "signal"} - PORTABLE_SIGNAL_NAMES
            case ast.Attribute(value=ast.Name(id="os"), attr=name) if name in OS_NAMES:
                yield f"os.{name}"
            case ast.Attribute(value=ast.Name(id="signal"), attr=name) if name not in PORTABLE_SIGNAL_NAMES:
                yield f"signal.{name}"
            case ast.Attribute(value=ast.Name(id="sys"), attr="platform"):
                yield "sys.platform"
            case ast.Call(func=ast.Name(id="get_context"), args=[ast.Constant(value=method)]) if method != "spawn":
                yield f"get_context({method!r})"
            case ast.Constant(value=str(text)) if text.startswith(FOLDERS) or text in VARIABLES:
                yield text


def test_calls_of_one_system_are_in_one_module():
    found = {
        path.relative_to(PACKAGE).as_posix(): calls
        for path, tree in parse_modules().items()
        if (calls := sorted(set(list_calls(tree))))
    }
    assert set(found) == {"host.py"}, found


def test_files_are_read_and_written_as_utf_8():
    """Windows would take the code page of the system for a text file without an encoding."""
    for path, tree in parse_modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in {"read_text", "write_text"}:
                named = {keyword.arg for keyword in node.keywords}
                # A formatter of click has a method of this name.
                assert "encoding" in named or getattr(node.func.value, "id", "") == "formatter", f"{path}:{node.lineno}"


def test_a_process_is_alive_until_it_has_ended():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert host.is_process_alive(process.pid)
        process.communicate(b"\n")
    assert not host.is_process_alive(process.pid)
    assert host.is_process_alive(os.getpid())


class Function:
    """Stand-in for a function of a Windows library, with the attributes that declare its types."""

    def __init__(self, call):
        self.call = call

    def __call__(self, *arguments):
        return self.call(*arguments)


@pytest.mark.parametrize(
    ("handle", "error", "exit_code", "alive"),
    [(7, 0, 259, True), (7, 0, 0, False), (0, 5, 0, True), (0, 87, 0, False)],
    ids=["running", "ended, but not closed", "of another user", "unknown"],
)
def test_windows_asks_for_the_exit_code_and_never_sends_a_signal(monkeypatch, handle, error, exit_code, alive):
    closed = []

    class Kernel32:
        OpenProcess = Function(lambda access, _inherit, pid: handle if (access, pid) == (0x1000, 42) else 0)
        CloseHandle = Function(closed.append)

        @staticmethod
        def _get_exit_code(_handle, code):
            code._obj.value = exit_code
            return 1

        GetExitCodeProcess = Function(_get_exit_code)

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(ctypes, "WinDLL", lambda *_, **__: Kernel32, raising=False)
    monkeypatch.setattr(ctypes, "get_last_error", lambda: error, raising=False)
    monkeypatch.setattr(os, "kill", lambda *_: pytest.fail("os.kill ends a process on Windows"))
    assert host.is_process_alive(42) is alive
    assert closed == [handle] * bool(handle)


def test_state_folder_of_each_system(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    monkeypatch.setattr(sys, "platform", "linux")
    assert host.state_folder() == tmp_path / "state" / "acm_etl"
    monkeypatch.setattr(sys, "platform", "win32")
    assert host.state_folder() == tmp_path / "local" / "acm_etl"
    monkeypatch.delenv("LOCALAPPDATA")
    assert host.state_folder() == Path.home() / "AppData" / "Local" / "acm_etl"


@pytest.mark.parametrize("change", [lambda draft: host.replace_file(draft, Path("file")), host.remove_file])
def test_on_windows_a_file_that_is_being_read_is_changed_once_its_reader_is_done(monkeypatch, change):
    attempts = []

    class Draft:
        def replace(self, _path):
            attempts.append(1)
            if len(attempts) < 3:
                raise PermissionError

        def unlink(self, missing_ok):
            assert missing_ok
            self.replace(None)

    monkeypatch.setattr(host, "_PAUSE", 0)
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(PermissionError):
        change(Draft())
    attempts.clear()
    monkeypatch.setattr(sys, "platform", "win32")
    change(Draft())
    assert len(attempts) == 3


def test_a_drive_follows_three_slashes_or_four_on_windows_only(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    assert parse_duckdb_path("duckdb:////C:/a.duckdb") == "/C:/a.duckdb"
    monkeypatch.setattr(sys, "platform", "win32")
    for url in ("duckdb:////C:/a.duckdb", "duckdb:///C:/a.duckdb"):
        assert parse_duckdb_path(url) == "C:/a.duckdb"
        assert find_store_file(url) == Path("C:/a.duckdb")
    # Paths without a drive, and of a share.
    for path in ("/acm/a.duckdb", "//server/share/a.duckdb", r"\\server\share\a.duckdb", "a.duckdb"):
        assert parse_duckdb_path(f"duckdb:///{path}") == path


@pytest.mark.parametrize(
    ("word", "quoted"),
    [
        ("FD_FAN", "FD_FAN"),
        ("C:\\acm\\x.csv", "C:\\acm\\x.csv"),
        ("duckdb:///C:/acm/a.duckdb", "duckdb:///C:/acm/a.duckdb"),
        ("FD FAN", '"FD FAN"'),
        ("C:\\my data\\", '"C:\\my data\\\\"'),
        ("it's", '"it\'s"'),
        ("a,b", '"a,b"'),
        ("A$1", "'A$1'"),
        ("ÖL", '"ÖL"'),
        ("", '""'),
    ],
)
def test_words_of_a_command_are_quoted_for_cmd_and_powershell(monkeypatch, word, quoted):
    monkeypatch.setattr(sys, "platform", "win32")
    assert host.quote_word(word) == quoted
    monkeypatch.setattr(sys, "platform", "linux")
    assert host.quote_word(word) == shlex.quote(word)


def test_pipes_and_files_are_utf_8_on_windows_unless_the_user_names_an_encoding(monkeypatch, tmp_path):
    monkeypatch.delenv("PYTHONIOENCODING", raising=False)
    with (tmp_path / "out").open("w", encoding="cp1252") as stream:
        monkeypatch.setattr(sys, "platform", "linux")
        assert host.choose_output_encoding(stream) == "cp1252"
        monkeypatch.setattr(sys, "platform", "win32")
        assert host.choose_output_encoding(stream) == "utf-8"
        monkeypatch.setenv("PYTHONIOENCODING", "cp1252")
        assert host.choose_output_encoding(stream) == "cp1252"


@pytest.mark.parametrize(
    "text",
    [
        'Could not set lock on file "a": Conflicting lock is held in /usr/bin/python3 (PID 4242).',
        'Cannot open file "a": Der Prozess kann nicht zugreifen.\r\n\n\nFile is already open in \nC:\\p.exe (PID 4242)',
    ],
    ids=["POSIX", "Windows"],
)
def test_the_process_that_holds_a_store_is_named(text):
    error = errors.file_open_error(duckdb.IOException(f"IO Error: {text}"), "a")
    assert isinstance(error, StoreInUseError)
    assert "4242" in str(error)


def test_a_store_whose_holder_windows_does_not_name_is_held_all_the_same(monkeypatch, tmp_path):
    # DuckDB repeats the words of Windows, which are those of its language.
    text = duckdb.IOException('IO Error: Cannot open file "a": Le processus ne peut pas accéder au fichier.\r\n')
    file = tmp_path / "a.duckdb"
    assert not isinstance(errors.file_open_error(text, str(file)), StoreInUseError)

    def refuse(*_):
        error = PermissionError()
        error.winerror = 32
        raise error

    monkeypatch.setattr("builtins.open", refuse)
    assert isinstance(errors.file_open_error(text, str(file)), StoreInUseError)


@pytest.mark.parametrize(
    "text",
    [
        'Could not read all bytes from file "a": wanted=4096 read=100',
        'Could not read file "a" (error in ReadFile(location: 4096, nr_bytes: 4096)): Fin du fichier.',
    ],
)
def test_a_store_whose_end_is_missing_is_damaged_on_windows_too(tmp_path, text):
    error = errors.file_open_error(duckdb.IOException(f"IO Error: {text}"), str(tmp_path / "a"))
    assert "restore its newest backup" in str(error)
