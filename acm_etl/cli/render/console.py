"""Building blocks of all text on the terminal: lines, tables, cells, counts and commands."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from datetime import datetime

from rich.console import Console
from rich.markup import escape
from rich.table import Table

OUTCOME_STYLES = {
    "done": "green",
    "up to date": "green",
    "waiting": "yellow",
    "stopped": "yellow",
    "failed": "bold red",
}
ZONE_STYLES = {"HEALTHY": "green", "GOOD": "green", "CAUTION": "yellow", "WATCH": "yellow", "ALERT": "bold red"}
PIPE_WIDTH = 140
"""Width of tables in a pipe or file, which has no width of its own; rich would fold them to 80 columns."""


def make_console(pipe_width: int = PIPE_WIDTH) -> Console:
    """Return a console on standard output, as wide as the terminal, or ``pipe_width`` columns in a pipe."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=pipe_width)


def print_line(line: str) -> None:
    """Print a line with markup, without folding, so that it can be searched and copied."""
    make_console().print(line, soft_wrap=True)


def print_wrapped(line: str, *, indent: int = 2) -> None:
    """Print a line with markup, folded between words at the width of the terminal.

    Args:
        line: The text.
        indent: Spaces at the start of every line after the first.
    """
    console = make_console()
    # Text.wrap() has no hanging indent: wrap all lines narrower, then indent all but the first.
    for number, part in enumerate(console.render_str(line).wrap(console, max(console.width - indent, 20))):
        part.rstrip()
        if number:
            part.pad_left(indent)
        console.print(part, soft_wrap=True)


def print_table(table: Table) -> None:
    """Print a table at the width of the terminal."""
    make_console().print(table)


def build_table(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], *, numeric_columns: Sequence[int] = ()
) -> Table:
    """Build a table; times and numbers are never folded.

    Args:
        title: Heading; empty for none.
        columns: Headings of the columns.
        rows: Values, formatted by ``format_cell``.
        numeric_columns: Positions of the columns that are aligned to the right.
    """
    table = Table(title=title or None, title_justify="left", title_style="bold", header_style="bold")
    for index, column in enumerate(columns):
        numeric = index in numeric_columns
        unbroken = numeric or any(isinstance(row[index], datetime) for row in rows)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold", no_wrap=unbroken)
    for row in rows:
        table.add_row(*(format_cell(value) for value in row))
    return table


def format_cell(value: object) -> str:
    """Format a value for a table: ``-`` for None, times to the minute, thousands with commas."""
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.2f}"
    return escape(str(value))


def format_count(number: int, noun: str) -> str:
    """Format a count with its noun: ``1 row``, ``2,500 rows``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def format_command(*words: str) -> str:
    """Format an ``acm-etl`` command that can be pasted into a shell, for any machine code."""
    return escape(shlex.join(("acm-etl", *words)))


def apply_style(text: str, styles: dict[str, str]) -> str:
    """Return the text with the markup of its style, if it has one."""
    style = styles.get(text)
    return f"[{style}]{escape(text)}[/]" if style else escape(text)


def truncate_text(text: str, max_length: int) -> str:
    """Shorten a text to at most ``max_length`` characters, with ``...`` at its end."""
    text = " ".join(text.split())
    return text if len(text) <= max_length else f"{text[: max_length - 3].rstrip()}..."


def truncate_middle(text: str, max_length: int) -> str:
    """Shorten a text to at most ``max_length`` characters and keep both of its ends."""
    if len(text) <= max_length:
        return text
    tail = (max_length - 3) // 2 + 4
    return f"{text[: max_length - 3 - tail]}...{text[-tail:]}"
