"""Commands run in a real terminal of a given size, and the screen that a person sees there."""

from __future__ import annotations

import errno
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from dataclasses import dataclass, field
from itertools import pairwise

import pyte

# Longest time a command may take; far more than any of them needs, so that only a hang ends there.
LIMIT = 300


@dataclass(frozen=True)
class Screen:
    """What was on the screen: every line at the end, scrolled away or not, and how it looked on the way."""

    exit_code: int
    lines: list[str]
    frames: list[str] = field(repr=False)
    raw: str = field(repr=False)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def printed(self) -> list[str]:
        """The lines up to the last one that is not empty."""
        return self.text.rstrip().splitlines()

    def assert_no_broken_word(self, columns: int) -> None:
        """No line goes on in the next one in the middle of a word."""
        for line, following in pairwise(self.lines):
            # A progress bar fills its line to the last column.
            is_full = len(line) == columns and "\u2501" not in line
            broken = is_full and line[-1].isalnum() and following[:1].isalnum()
            assert not broken, f"{line}\n{following}"

    def assert_readable(self) -> None:
        """No traceback, and no escape sequence that a terminal would show as text."""
        everything = "\n".join([self.text, *self.frames])
        assert "Traceback" not in everything, everything
        assert "[bold" not in everything
        assert "\x1b" not in self.text


def run_in_terminal(*words, columns=80, rows=24, env=None, cwd=None, stop_when=None) -> Screen:
    """Run ``acm-etl`` with a pseudo-terminal as its standard input, output and error.

    Args:
        words: Arguments of ``acm-etl``.
        columns: Width of the terminal.
        rows: Height of the terminal.
        env: Variables beside those of this process.
        cwd: Directory of the command.
        stop_when: Given the display after each output; once it is true, Ctrl-C is typed.
    """
    variables = {**os.environ, "TERM": "xterm-256color", **(env or {})}
    for name in ("COLUMNS", "LINES", "CI"):
        variables.pop(name, None)
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    command = [sys.executable, "-m", "acm_etl", *words]
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=variables, cwd=cwd, start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(theirs, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - Ctrl-C needs a controlling terminal
    ) as process:  # fmt: skip
        os.close(theirs)
        try:
            return _read_screen(process, ours, columns, rows, stop_when)
        finally:
            process.kill()
            os.close(ours)


def _read_screen(process, descriptor, columns, rows, stop_when) -> Screen:
    emulator = pyte.HistoryScreen(columns, rows, history=20_000, ratio=0.5)
    stream = pyte.ByteStream(emulator)
    raw, frames, deadline = bytearray(), [], time.monotonic() + LIMIT
    while chunk := _read_chunk(descriptor, deadline):
        raw += chunk
        stream.feed(chunk)
        frame = "\n".join(line.rstrip() for line in emulator.display).rstrip()
        if not frames or frames[-1] != frame:
            frames.append(frame)
        if stop_when is not None and stop_when(frame):
            stop_when = None
            os.write(descriptor, b"\x03")
    code = process.wait(timeout=max(deadline - time.monotonic(), 1))
    lines = [_text(line, columns) for line in emulator.history.top] + [line.rstrip() for line in emulator.display]
    return Screen(code, lines, frames, raw.decode(errors="replace"))


def _read_chunk(descriptor, deadline) -> bytes:
    """The next output; empty once the command has closed the terminal."""
    ready, _, _ = select.select([descriptor], [], [], max(deadline - time.monotonic(), 0))
    if not ready:
        message = f"the command is still running after {LIMIT} s"
        raise TimeoutError(message)
    try:
        return os.read(descriptor, 65536)
    except OSError as error:
        if error.errno != errno.EIO:  # Linux: the other side of the terminal is closed
            raise
        return b""


def _text(line, columns) -> str:
    return "".join(line[column].data for column in range(columns)).rstrip()
