"""Text of settings and store URLs for messages, reports and ``acm-etl config``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import takewhile
from typing import Any

from acm_etl import setting_sources

PUBLIC_URL_OPTIONS = (
    *("encrypt", "trust", "certificate", "hostname", "failover", "intent", "packet", "authentication", "trusted"),
    "password_file",
)
"""Options of a store URL whose values are not secret; the values of all others are masked."""


def redact_url(url: str) -> str:
    """Mask the secrets of a store URL; return any other text unchanged.

    Args:
        url: A store URL, also one that a user mistyped, or any other setting value.
    """
    address, mark, query = url.partition("?")
    login = re.search(r"(?:://|^)[^:/?#]*:(?!//)", address)
    if login and "@" in query:
        # "?" may be a character of an unquoted password ("user:pa?ss@host"), so mask everything after the user name.
        return f"{url[: login.end()]}***"
    masked = re.sub(r"((?:://|^)[^:/?#]*):(?!//).*@", r"\1:***@", address)
    return re.sub(r"(?i)(odbc_connect=).*", r"\1***", masked) + mark + _redact_query(query)


def _redact_query(query: str) -> str:
    """Return the leading public options of a query string; mask all that follows them."""
    # A password with an unquoted "&" or ";" continues in what looks like the next option, so mask to the end.
    options = re.split(r"(?<=[&;])", query)
    public = list(takewhile(lambda option: option.partition("=")[0] in PUBLIC_URL_OPTIONS, options))
    rest = "".join(options[len(public) :])
    name, mark, _ = rest.partition("=")
    return "".join(public) + (f"{name}=***" if mark else "***" if rest else "")


def diff_settings(stored: str, requested: str) -> list[str]:
    """List the settings in which two signature payloads differ.

    Args:
        stored: ``Config.signature_payload`` of the stored rows.
        requested: ``Config.signature_payload`` of the current settings.

    Returns:
        One text per setting, e.g. ``score.alarm_z 3.09, requested 4.0``.
    """
    # Payloads keep the names of the first version; users know a setting by its current name.
    old, new = (
        {setting_sources.RENAMED_SETTINGS.get(name, name): value for name, value in _flatten_settings(json.loads(text))}
        for text in (stored, requested)
    )
    names = [*new, *(name for name in old if name not in new)]
    return [f"{name} {old.get(name)}, requested {new.get(name)}" for name in names if old.get(name) != new.get(name)]


def _flatten_settings(nested: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in nested.items():
        if isinstance(value, Mapping):
            yield from _flatten_settings(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def format_setting(value: object) -> str:
    """Format a value the way a user writes it in a settings file; mask the secrets of a URL."""
    if isinstance(value, float):
        return f"{value:.12g}"
    if not isinstance(value, timedelta):
        return redact_url(str(value))
    seconds = value.total_seconds()
    units = ((86400, "d"), (3600, "h"), (60, "m")) if seconds else ()
    size, unit = next(((n, u) for n, u in units if seconds % n == 0), (1, "s"))
    return f"{seconds / size:g}{unit}"
