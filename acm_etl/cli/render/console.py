"""Building blocks of all text on the terminal: consoles, lines, paragraphs, cells and commands."""

from __future__ import annotations

from datetime import datetime

from rich.console import Console
from rich.containers import Lines
from rich.text import Text

from acm_etl.cli.command_blanks import glue_commands, restore_blanks

OUTCOME_STYLES = {
    "done": "green",
    "up to date": "green",
    "waiting": "yellow",
    "stopped": "yellow",
    "failed": "bold red",
}
ZONE_STYLES = {"HEALTHY": "green", "GOOD": "green", "CAUTION": "yellow", "WATCH": "yellow", "ALERT": "bold red"}
PIPE_WIDTH = 150
"""Width of tables in a pipe or file, which has no width of its own; rich would fold them to 80 columns."""


def make_console(pipe_width: int = PIPE_WIDTH) -> Console:
    """Return a console on standard output, as wide as the terminal, or ``pipe_width`` columns in a pipe."""
    # highlight=False: rich would colour numbers and paths by itself. emoji=False: it would print a symbol for the
    # middle of a name such as ``PLC:on:1``, and loads 3,600 of them for any markup, 10 ms of CPU.
    console = Console(highlight=False, emoji=False)
    return console if console.is_terminal else Console(highlight=False, emoji=False, width=pipe_width)


def print_line(line: str) -> None:
    """Print a line with markup, without folding, so that it can be searched and copied."""
    # A console per line: the width follows a terminal that is resized, and standard output may be replaced in tests.
    make_console().print(line, soft_wrap=True)


def print_paragraph(text: Text | str, *, indent: int = 0, style: str = "") -> None:
    """Print a text: wrapped at spaces on a terminal, in one line elsewhere, so that it can be searched.

    Args:
        text: Text without markup.
        indent: Blanks before each line.
        style: Style of a plain text.
    """
    console = make_console()
    styled = Text(text, style=style) if isinstance(text, str) else text
    # Folded, never cut: a long tag or path must remain complete. The last column stays empty: a line that fills it
    # looks like one that the terminal has broken within a word.
    lines = _wrap_text(styled, console, console.width - indent - 1) if console.is_terminal else [styled]
    for line in lines:
        console.print(Text(" " * indent).append_text(line), soft_wrap=True)


def _wrap_text(text: Text, console: Console, width: int) -> Lines:
    glued = text.copy()
    # Of the same length, so that the styles stay where they are.
    glued.plain = glue_commands(text.plain, width)
    lines = glued.wrap(console, width, overflow="fold")
    for line in lines:
        line.plain = restore_blanks(line.plain)
    return lines


def print_markup(markup: str, *, indent: int = 0) -> None:
    """Print a text with markup as a paragraph, see ``print_paragraph``."""
    print_paragraph(Text.from_markup(markup, emoji=False), indent=indent)


def format_cell(value: object) -> str:
    """Format a value as plain text: ``-`` for None, times to the minute, thousands with commas."""
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    # Before int: True is an int in Python.
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:z.2f}"
    return str(value)


def truncate_middle(text: str, max_length: int) -> str:
    """Shorten a text to at most ``max_length`` characters and keep both of its ends."""
    if len(text) <= max_length:
        return text
    # The end keeps more room: tags of a plant mostly differ there.
    tail = (max_length - 3) // 2 + 4
    return f"{text[: max_length - 3 - tail]}...{text[-tail:]}"
