"""Text of settings and store URLs for messages, reports and ``acm-etl config``."""

from __future__ import annotations

import hashlib
import json
import re
import string
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from acm_etl import setting_sources
from acm_etl.host import quote_word
from acm_etl.redaction import redact_url

_PLAIN_CHARS = frozenset(string.ascii_letters + string.digits + "_-. ")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
"""Names that TOML takes without quotes."""
_MAX_FILE_NAME = 120  # of the 255 bytes of most file systems, which leaves room for suffixes
# Windows opens a device for these names, whatever their suffix.
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_RESERVED_NAMES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))})


def documentation_url(page: str) -> str:
    """Return the address of a page of the documentation, named as its file in ``docs`` without the suffix."""
    # Not a path: an installed package has no folder docs.
    return f"https://acm-etl.readthedocs.io/en/latest/{page}/"


def format_command(*words: str) -> str:
    """Format an ``acm-etl`` command that can be pasted into a shell, for any machine code."""
    return " ".join(map(quote_word, ("acm-etl", *words)))


def diff_settings(stored: str, requested: str) -> list[str]:
    """List the settings in which two signature payloads differ.

    Args:
        stored: ``Config.signature_payload`` of the stored rows.
        requested: ``Config.signature_payload`` of the current settings.

    Returns:
        One text per setting, e.g. ``score.alarm_z 3.09, requested 4``.
    """
    # Payloads keep the names of the first version; users know a setting by its current name.
    old, new = (
        {setting_sources.RENAMED_SETTINGS.get(name, name): value for name, value in _flatten_settings(json.loads(text))}
        for text in (stored, requested)
    )
    names = [*new, *(name for name in old if name not in new)]
    return [
        f"{name} {format_setting(old.get(name))}, requested {format_setting(new.get(name))}"
        for name in names
        if old.get(name) != new.get(name)
    ]


def _flatten_settings(nested: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in nested.items():
        if isinstance(value, Mapping):
            yield from _flatten_settings(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def format_setting(value: object) -> str:
    """Format a value the way a user writes it in a settings file; mask the secrets of a URL."""
    if value is None:
        return "none"
    if isinstance(value, float):
        return f"{value:.12g}"
    if not isinstance(value, timedelta):
        return redact_url(value if isinstance(value, str) else format_toml(value))
    seconds = value.total_seconds()
    units = ((86400, "d"), (3600, "h"), (60, "m")) if seconds else ()
    size, unit = next(((n, u) for n, u in units if seconds % n == 0), (1, "s"))
    return f"{seconds / size:g}{unit}"


def format_toml(value: object) -> str:
    """Return a value in TOML notation, on one line."""
    if isinstance(value, Mapping):
        # Not tomli_w, which writes tables and lists on lines of their own.
        parts = (
            f"{key if _BARE_KEY.fullmatch(key) else format_toml(key)} = {format_toml(value[key])}" for key in value
        )
        return f"{{{', '.join(parts)}}}"
    # Numbers, truth values, lists and texts are written in TOML as in JSON, except that TOML escapes U+007F and has no
    # escapes of UTF-16.
    text = json.dumps(format_setting(value) if isinstance(value, timedelta) else value, ensure_ascii=False)
    return text.replace("\x7f", "\\u007f")


def format_file_name(name: str) -> str:
    """Return a file name for any name: no folder, valid on all systems, and another one for every other name.

    Names of letters, digits, blanks, ``_``, ``-`` and ``.`` stay as they are; other characters become ``~`` and the
    hexadecimal digits of their bytes.
    """
    # ~ itself is escaped as well, so that no two names meet.
    text = "".join(char if char in _PLAIN_CHARS else _escape_char(char) for char in name)
    # Windows drops dots and blanks at the end; a dot at the start hides a file, and two are the folder above.
    if text and text[0] in ". ":
        text = _escape_char(text[0]) + text[1:]
    if text and text[-1] in ". ":
        text = text[:-1] + _escape_char(text[-1])
    if not text or text.partition(".")[0].casefold() in _RESERVED_NAMES:
        text = f"~{text}"
    if len(text) <= _MAX_FILE_NAME:
        return text
    return f"{text[:_MAX_FILE_NAME]}~{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def escape_undecodable(text: str) -> str:
    """Return a text with the bytes of a file name that are not UTF-8 as escapes; other texts stay as they are."""
    try:
        # Python keeps bytes that its own encoding cannot read as surrogates: in a locale of ASCII, those of UTF-8 too.
        text.encode(errors="surrogateescape").decode()
    except UnicodeError:
        return text.encode(errors="backslashreplace").decode()
    return text


def _escape_char(char: str) -> str:
    return "".join(f"~{byte:02x}" for byte in char.encode(errors="surrogatepass"))
