"""Command and group classes: global options in every place, old names, errors as one line and an exit code."""

from __future__ import annotations

import atexit
import errno
import gc
import inspect
import os
import re
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any

import click

from acm_etl.cli.aliases import COMMAND_ALIASES, replace_option_aliases
from acm_etl.cli.context import echo_diagnostic, start_logging
from acm_etl.cli.machine_words import add_words, check_arguments, declare_words, move_codes_first
from acm_etl.cli.options import build_global_options
from acm_etl.cli.streams import accept_all_characters, outlive_readers
from acm_etl.errors import OUT_OF_MEMORY_MESSAGE, AcmError, UsageError
from acm_etl.formatting import escape_undecodable
from acm_etl.host import TERMINATION_SIGNALS, handle_signals
from acm_etl.output_files import is_disk_full
from acm_etl.redaction import redact_text

_GLOBAL_OPTIONS_HINT = "--store, --config, --json, -v and --log-json, before or after the command: see acm-etl --help"

_EXAMPLE_PATTERN = re.compile(r"( {2}\S.*?) {2,}(\S.*)")
# Allocations of containers before Python looks for garbage; its default is 700. Frames and arrays are not garbage of
# this kind: they are freed with their last reference. A short command makes 140,000 containers and never looks; with a
# threshold of 100,000 it looked once, for 0.04 s of CPU.
_GARBAGE_THRESHOLD = 300_000


class _FittedExamples(click.Command):
    """Command whose examples fit the width of its help."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """Write the examples; a comment that does not fit beside its command goes below it."""
        if not self.epilog:
            return
        formatter.write_paragraph()
        with formatter.indentation():
            width = formatter.width - formatter.current_indent
            formatter.write_text(fit_examples(inspect.cleandoc(self.epilog), width))


def fit_examples(text: str, width: int) -> str:
    """Return examples with their comments in one column, or below the command where they do not fit beside it.

    Args:
        text: Lines; in those of examples, two blanks or more divide the command from its comment.
        width: Characters of a line.
    """
    lines = [(line, _EXAMPLE_PATTERN.match(line)) for line in text.splitlines()]
    # Commands that leave no room for their comment do not move the comments of the others.
    found = [example for _, example in lines if example and len(example[1]) + len(example[2]) + 2 <= width]
    column = max((len(example[1]) for example in found), default=0) + 2
    fitted: list[str] = []
    for line, example in lines:
        if example is None:
            fitted.append(line)
        elif len(example[1]) < column <= width - len(example[2]):
            fitted.append(example[1].ljust(column) + example[2])
        else:
            # A terminal would break the line within a word.
            fitted += [example[1], f"      {example[2]}"]
    return "\n".join(fitted)


class AcmCommand(_FittedExamples):
    """Command that accepts the global options and the old names of its own options."""

    def __init__(self, *args: Any, **settings: Any) -> None:  # noqa: ANN401 - click's signature
        super().__init__(*args, **settings)
        self._machine_option = declare_words(self)
        # Hidden: every help refers to ``acm-etl --help`` instead of repeating them.
        self.params += build_global_options(hidden=True)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments, under the current names of the options."""
        current = replace_option_aliases(self.name, args, _list_notices(ctx).append)
        rest = super().parse_args(ctx, move_codes_first(self, current))
        if self._machine_option is not None:
            add_words(ctx, self._machine_option)
        else:
            check_arguments(ctx)
        return rest

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, then a reference to the global ones."""
        super().format_options(ctx, formatter)
        with formatter.section("Global options"):
            formatter.write_text(_GLOBAL_OPTIONS_HINT)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        """Run the command, with log lines as the global options ask."""
        # Only here are the options before and after the name of the command known, --log-json among them.
        start_logging(ctx.obj)
        for notice in _list_notices(ctx):
            echo_diagnostic(notice, level="warning")
        return super().invoke(ctx)


def acm_command(name: str, *, summary: str, epilog: str) -> Callable[[Callable[..., Any]], AcmCommand]:
    """Make a function a command.

    Args:
        name: Name of the command.
        summary: Line in the list of commands; at most 60 characters, else an 80-column terminal cuts it.
        epilog: Examples at the end of the help.
    """
    return click.command(name, cls=AcmCommand, short_help=summary, epilog=epilog)


class AcmGroup(_FittedExamples, click.Group):
    """Group of commands with a default: ``acm-etl config`` is ``acm-etl config list``.

    Args:
        default_command: Command that runs if none is named.
    """

    command_class = AcmCommand

    def __init__(self, *args: Any, default_command: str, **settings: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **settings)
        self.params += build_global_options(hidden=True)
        self.default_command = default_command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; insert the default command if only options are given."""
        # A value of an option may be the name of a command: then click decides, and no default is inserted.
        only_options = not args or args[0].startswith("-")
        if only_options and not {*args} & {*self.commands, *ctx.help_option_names}:
            args = [self.default_command, *args]
        return super().parse_args(ctx, args)


class MainGroup(_FittedExamples, click.Group):
    """Top-level group: prints deliberate errors as one line and ends with their exit code."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the whole command line.

        Raises:
            UsageError: An argument is not UTF-8.
        """
        # Here once for all commands: Arrow, Polars and DuckDB take no such texts, each with an error of its own.
        for text in args:
            if (shown := escape_undecodable(text)) != text:
                message = f"the argument {shown} is not UTF-8; rename the file that it names, or type it in UTF-8"
                raise click.UsageError(message, ctx)
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the arguments name, by its current or its old name."""
        # Before click looks for the command, so that an old name needs no hidden command with all options again.
        current = COMMAND_ALIASES.get(args[0])
        if current is not None:
            _list_notices(ctx).append(f"the command {args[0]} is now named {current}; change your script")
            args = [current, *args[1:]]
        return super().resolve_command(ctx, args)

    def main(self, *args: Any, standalone_mode: bool = True, **settings: Any) -> Any:  # noqa: ANN401 - click's signature
        """Parse the command line, run the command and end the process with its exit code."""
        if standalone_mode:
            # The message of an unexpected error may repeat an address, and a traceback is what users report.
            sys.excepthook = _print_traceback
            outlive_readers()
            accept_all_characters()
            # Schedulers may start a command without standard input: a question is then answered by its end.
            sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115 - open until the process ends
            _spare_garbage_collection()
        try:
            # click would print its errors over several lines and end with codes of its own.
            code = super().main(*args, standalone_mode=False, **settings)  # type: ignore[call-overload]
        except click.Abort:
            code = _print_error("nothing was changed; use --yes to skip this prompt", 1)
        except click.UsageError as error:
            command = error.ctx.command_path if error.ctx else "acm-etl"
            if isinstance(error, click.NoSuchOption) and "--help" in (similar := error.possibilities or []):
                # click takes --equip for a misspelt --help.
                similar.remove("--help")
            message = error.format_message().rstrip(".")
            code = _print_error(
                f"{message}{' See' if message.endswith('?') else '; see'} {command} --help", error.exit_code
            )
        except click.ClickException as error:
            code = _print_error(error.format_message(), error.exit_code)
        except OSError as error:
            code = _report_os_error(error)
        if not standalone_mode:
            return code
        sys.exit(code)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        """Run a command; return its exit code."""
        try:
            # The result of a command is not its exit code: click would end with it as one.
            with _interrupt_on_sigterm():
                super().invoke(ctx)
        # Deliberate errors only: a traceback is the right report of a bug.
        except AcmError as error:
            return _print_error(str(error), error.exit_code)
        except KeyboardInterrupt:
            # 128 + SIGINT, as shells report it.
            return _print_error("interrupted; run the command again to continue", 130)
        except MemoryError:
            return _print_error(OUT_OF_MEMORY_MESSAGE, 1)
        return 0


def _report_os_error(error: OSError) -> int:
    """Print the error of a file name that is too long or of a full disk; return the exit code.

    Raises:
        OSError: Any other one, which is a defect.
    """
    if error.errno == errno.ENAMETOOLONG:
        # Even looking for such a file fails, in whichever option it was named.
        return _print_error(f"{error.filename}: {error.strerror}", UsageError.exit_code)
    # Files that a command writes have errors of their own: here it is standard output.
    if not is_disk_full(error):
        raise error
    _discard_output()
    return _print_error(f"cannot write standard output: {error.strerror}; make space, then run it again", 3)


def _discard_output() -> None:
    """Give Python a file that takes everything: it flushes standard output once more at exit, and prints an error."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - open until the process ends


def _spare_garbage_collection() -> None:
    """Collect garbage rarely in this process, and not at its end."""
    # Imports create 60,000 containers, none of them garbage: looking through them took 0.05 s of CPU during the imports
    # of a command, with a threshold of 10,000 as well, and 0.15 s at its end, a fifth of a backfill with nothing to do.
    gc.set_threshold(_GARBAGE_THRESHOLD)
    # At the end and not here, for programs and tests that call several commands in one process.
    atexit.register(gc.freeze)


@contextmanager
def _interrupt_on_sigterm() -> Iterator[None]:
    """Let SIGTERM end a command as Ctrl-C does: transactions roll back, and the exit code and a line say so."""
    # Handlers belong to the main thread: a caller in another thread keeps its own.
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    with handle_signals(TERMINATION_SIGNALS, _raise_interrupt):
        yield


def _raise_interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _print_traceback(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print the traceback of an unexpected error without secrets."""
    text = "".join(traceback.format_exception(kind, error, trace))
    sys.stderr.write(redact_text(text))


def add_commands(group: click.Group, commands: Sequence[click.Command]) -> None:
    """Add commands to a group, in the order of its help."""
    for command in commands:
        group.add_command(command)


def _list_notices(ctx: click.Context) -> list[str]:
    """Return the notices about old names, which are printed when the command starts."""
    # click shares ``meta`` among the contexts of one command line.
    notices: list[str] = ctx.meta.setdefault("acm_etl.notices", [])
    return notices


def _print_error(message: str, code: int) -> int:
    # One line: a job log or a pager often shows only the first one.
    echo_diagnostic(" ".join(message.split()), level="error", code=code)
    return code
