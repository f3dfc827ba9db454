"""Example of a settings file: every setting with its meaning, commented out with its default."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from acm_etl import formatting
from acm_etl.config import Config
from acm_etl.errors import UsageError
from acm_etl.output_files import unwritable_error

_WIDTH = 120
_HEADER = """\
# Settings of acm_etl. Each one is commented out with its default: remove the # in front of a name to change it.
# "acm-etl --config FILE COMMAND" reads this file; so does every command if ACM_CONFIG names it.
# Options and environment variables are stronger than this file. "acm-etl config" lists the values in force.
"""


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """A settings file that was written.

    Attributes:
        file: Path of the file.
        settings: Number of settings in it.
    """

    file: str
    settings: int


def write_settings_file(path: Path) -> SettingsFile:
    """Write the example to a file that does not exist yet.

    Raises:
        UsageError: The file exists, or cannot be written.
        UnavailableError: The disk is full.
    """
    try:
        # Mode x: a file with the settings of a plant is never replaced, whoever creates it at the same moment.
        _write_or_remove(path.open("x", encoding="utf-8", newline="\n"), path)
    except FileExistsError as error:
        message = f"{path} exists and was not changed; name another file: acm-etl config init FILE"
        raise UsageError(message) from error
    except OSError as error:
        raise unwritable_error(path, error) from error
    return SettingsFile(str(path), sum(len(type(section).model_fields) for _, section in Config()))


def _write_or_remove(file: TextIO, path: Path) -> None:
    """Write the example; an empty file on a full disk would pass for one with the settings of a plant."""
    try:
        with file:
            file.write(format_settings_file())
    except OSError:
        # Closed by now: Windows does not delete open files.
        path.unlink()
        raise


def format_settings_file() -> str:
    """Return the example as TOML; as it stands, it gives every setting its default."""
    return "\n".join([_HEADER, *(line for name, section in Config() for line in _format_section(name, section))])


def _format_section(name: str, section: Any) -> Iterator[str]:  # noqa: ANN401 - each section has a type of its own
    """Yield the lines of a section: its header, then three lines for each setting."""
    # The first sentence of the declaration; what follows there is for developers.
    yield from _format_comment(str(type(section).__doc__).partition("\n")[0])
    yield f"[{name}]"
    for key, field in type(section).model_fields.items():
        yield from _format_comment(str(field.description))
        value = getattr(section, key)
        # TOML has no null: without a default there is nothing to write after the sign.
        yield f"#{key} = {formatting.format_toml(value)}" if value is not None else f"#{key} =    # not set by default"
        yield ""


def _format_comment(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent="# ", subsequent_indent="# ", break_long_words=False)
