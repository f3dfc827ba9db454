"""The operating system: the only module with calls that POSIX and Windows do not share.

``tests/test_host.py`` forbids such calls elsewhere.
"""

from __future__ import annotations

import errno
import getpass
import os
import re
import shlex
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TextIO

# Windows sends SIGBREAK for Ctrl-Break and when a console or a session is closed; SIGTERM comes from POSIX systems.
TERMINATION_SIGNALS: tuple[signal.Signals, ...] = (signal.SIGTERM,)
if sys.platform == "win32":
    TERMINATION_SIGNALS = (signal.SIGTERM, signal.SIGBREAK)
"""Signals with which service managers end a process."""
STOP_SIGNALS = (signal.SIGINT, *TERMINATION_SIGNALS)
"""Signals that ask a process to end, Ctrl-C among them."""
HAS_SIGNAL_MASKS = sys.platform != "win32"
# Windows reports a pipe without a reader as an invalid argument.
NO_READER_ERRORS = frozenset({errno.EPIPE, errno.ECONNRESET, *((errno.EINVAL,) if sys.platform == "win32" else ())})
"""Errors of writing to a pipe or socket whose reader has left."""

MAX_WATCHED_PROCESSES = 63 if sys.platform == "win32" else sys.maxsize
"""Processes for whose messages one thread can wait; a call of Windows takes no more handles."""
PID_LIMIT = 2**31
"""Process ids are smaller; larger numbers are rejected by the system calls."""
_MAX_COMMAND_LINE = 200
_ATTEMPTS, _PAUSE = 20, 0.05  # one second: a reader holds a status file for milliseconds
# Words that neither PowerShell nor cmd changes.
_PLAIN_WORD = re.compile(r"[A-Za-z0-9_.:/\\=+-]+")


@contextmanager
def hold_back_stop_signals() -> Iterator[None]:
    """Hold back ``STOP_SIGNALS`` for this thread; a process that is started in the block holds them back as well.

    Between its start and its first line of ours, a process imports for a second: a signal would end it there with a
    traceback. It has to call ``ignore_stop_signals``. Without effect on Windows, which has no such mask.
    """
    if not HAS_SIGNAL_MASKS:
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        yield
    finally:
        # Now this process gets those that have arrived in the meantime.
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def handle_signals(
    numbers: Iterable[signal.Signals], handler: Callable[[int, FrameType | None], None]
) -> Iterator[None]:
    """Call ``handler`` for signals within the block, then restore the handlers before; in the main thread only."""
    previous_handlers = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, previous in previous_handlers.items():
            signal.signal(number, previous)


def ignore_stop_signals() -> None:
    """Ignore ``STOP_SIGNALS`` in this process, also those that were held back."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    if HAS_SIGNAL_MASKS:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)


def is_process_alive(pid: int) -> bool:
    """Return whether a process of this host is running, also one of another user."""
    if sys.platform == "win32":
        return _is_windows_process_alive(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # the process belongs to another user
    return True


def _is_windows_process_alive(pid: int) -> bool:
    # os.kill would terminate the process there: signal 0 does not exist.
    import ctypes  # noqa: PLC0415 - Windows only
    from ctypes import wintypes  # noqa: PLC0415

    query_limited_information, access_denied, still_active = 0x1000, 5, 259
    kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined] # Windows only
    # A handle is a pointer; the default type of a result would cut it to 32 bits.
    kernel32.OpenProcess.restype = wintypes.HANDLE
    kernel32.GetExitCodeProcess.argtypes = (wintypes.HANDLE, ctypes.POINTER(wintypes.DWORD))
    kernel32.CloseHandle.argtypes = (wintypes.HANDLE,)
    handle = kernel32.OpenProcess(query_limited_information, False, pid)  # noqa: FBT003 - the C signature
    if not handle:
        return bool(ctypes.get_last_error() == access_denied)  # type: ignore[attr-defined] # Windows only
    try:
        # A process that has ended can be opened as long as somebody holds a handle of it.
        code = wintypes.DWORD()
        return bool(kernel32.GetExitCodeProcess(handle, ctypes.byref(code))) and code.value == still_active
    finally:
        kernel32.CloseHandle(handle)


def read_command_line(pid: int) -> str:
    """Return up to 200 characters of the command line of a process; empty if the system does not show it."""
    # /proc exists on Linux only.
    try:
        content = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return ""
    return content.replace(b"\0", b" ").decode(errors="replace").strip()[:_MAX_COMMAND_LINE]


def is_locked_file(path: str) -> bool:
    """Return whether Windows refuses to open a file because another process has it open; False on other systems."""
    sharing_violation = 32
    try:
        with open(path, "rb"):  # noqa: PTH123 - a text from an error
            return False
    except OSError as error:
        return getattr(error, "winerror", 0) == sharing_violation


def count_available_cpus() -> int:
    """Return the number of CPU cores that this process may use; a container may have fewer than the host."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def find_user_name() -> str:
    """Return the login name of the user, or the numeric id of one without a name (usual in containers)."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # which of them is raised depends on Python's version and the system
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "unknown"


def state_folder() -> Path:
    r"""Return the folder of this account for files that outlive a process; it may not exist yet.

    ``%LOCALAPPDATA%\acm_etl`` on Windows, else ``$XDG_STATE_HOME/acm_etl`` (``~/.local/state/acm_etl``).
    """
    if sys.platform == "win32":
        variable, fallback = "LOCALAPPDATA", Path.home() / "AppData" / "Local"
    else:
        variable, fallback = "XDG_STATE_HOME", Path.home() / ".local" / "state"
    return Path(os.environ.get(variable) or fallback) / "acm_etl"


def replace_file(draft: Path, path: Path) -> None:
    """Rename a draft to a file, which it replaces in one step.

    Raises:
        OSError: The draft cannot replace the file.
    """
    _outlast_readers(lambda: draft.replace(path))


def remove_file(path: Path) -> None:
    """Delete a file, if there is one.

    Raises:
        OSError: The file cannot be deleted.
    """
    _outlast_readers(lambda: path.unlink(missing_ok=True))


def _outlast_readers(change: Callable[[], object]) -> None:
    # Windows refuses to replace or delete a file that another process has open; POSIX never does.
    for attempt in range(_ATTEMPTS if sys.platform == "win32" else 1):
        if attempt:
            time.sleep(_PAUSE)
        try:
            change()
        except PermissionError as error:
            refused = error
        else:
            return
    raise refused


def find_url_path(path: str) -> str:
    """Return the path that the part of a URL behind its third slash names."""
    # Who knows that absolute paths have four slashes writes so in front of a drive, too; no path of Windows has a colon
    # there.
    return path[1:] if sys.platform == "win32" and re.match(r"/[A-Za-z]:", path) else path


def choose_output_encoding(stream: TextIO) -> str:
    """Return the encoding in which a stream should be written."""
    # Windows gives pipes and files the code page of the system, which lacks most letters of the world.
    is_chosen = "PYTHONIOENCODING" in os.environ or sys.platform != "win32"
    return stream.encoding if is_chosen or stream.isatty() else "utf-8"


def quote_word(word: str) -> str:
    """Quote a word of a command for the shells of this system, where it needs that."""
    if sys.platform != "win32":
        return shlex.quote(word)
    if _PLAIN_WORD.fullmatch(word):
        return word
    if any(char in word for char in '$`"'):
        # PowerShell would replace them in double quotes; cmd knows no other quotes, and leaves $ and ` alone.
        return "'" + word.replace("'", "''") + "'"
    # A backslash in front of the closing quote would be read as one that escapes it.
    return f'"{word}\\"' if word.endswith("\\") else f'"{word}"'
