"""Masking of secrets in everything that is printed, logged or stored as a message."""

from __future__ import annotations

import re
from itertools import takewhile

PUBLIC_URL_OPTIONS = (
    *("encrypt", "trust", "certificate", "hostname", "failover", "intent", "packet", "authentication", "trusted"),
    "password_file",
)
"""Options of a store URL whose values are not secret; the values of all others are masked."""

# Quoted first: a password with a blank continues behind it. One slash, because paths drop the second one.
_ADDRESS_IN_TEXT = re.compile(r"(['\"])[\w+.-]*:/[^\n]*?\1|[\w+.-]+:/\S+|[^\s:]+:[^\s:]*@\S+")
# In braces for ODBC, in quotes for ADO and libpq, where libpq escapes with backslashes; else one word.
_ASSIGNED_PASSWORD = re.compile(
    r"""(?i)\b(pwd|password)(\s*=\s*)"""
    r"""(\{(?:[^}]|\}\})*\}|"(?:[^"\\\n]|\\.|"")+"|'(?:[^'\\\n]|\\.|'')+'|['"]?[^\s;&'"]+)"""
)
_LIKE_WILDCARDS = "%_"
_LOGIN_IN_URL = re.compile(r"://[^/\s:@']*:[^/\s@']+@")
_NUMBER_OR_TIME = re.compile(r"[-+]?\d[\d.,_]*\s?[A-Za-z%]{0,3}|\d{4}-\d\d?-\d\d?(?:[T ][\d:.]*Z?(?:[-+][\d:]*)?)?")


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


def redact_address(address: str) -> str:
    """Mask the secrets of the address of a store or scheduler; a text without a scheme is masked as a whole.

    A password that was pasted in place of the address looks like a file name, so none is shown.
    """
    return redact_url(address) if "://" in address else "***"


def redact_text(text: str) -> str:
    """Mask the passwords of all addresses and connection strings in a message, log line or traceback."""
    addresses_masked = _ADDRESS_IN_TEXT.sub(lambda found: _redact_quoted(found[0]), text)
    return _ASSIGNED_PASSWORD.sub(r"\1\2***", addresses_masked)


def contains_password(text: str) -> bool:
    """Return True if a text has an address with a password, or a connection string with one.

    A pattern of LIKE that only looks for the word, ``%password=%``, has none.
    """
    assigned = (found[3] for found in _ASSIGNED_PASSWORD.finditer(text))
    return bool(_LOGIN_IN_URL.search(text)) or any(value.strip(_LIKE_WILDCARDS) for value in assigned)


def format_rejected_value(value: object) -> str:
    """Format a value that a setting rejects, if it looks like the number or time that the user meant.

    Any other text may be a password in the wrong place: it is described only.
    """
    if isinstance(value, str):
        return repr(value) if _NUMBER_OR_TIME.fullmatch(value) else "a text, not shown as it may be secret"
    if isinstance(value, (list, dict)):
        return f"a {type(value).__name__}, not shown as it may be secret"
    return repr(value)


def _redact_quoted(address: str) -> str:
    quote = address[0] if address[0] in "'\"" else ""
    return f"{quote}{redact_url(address.strip(quote))}{quote}" if quote else redact_url(address)


def _redact_query(query: str) -> str:
    """Return the leading public options of a query string; mask all that follows them."""
    # A password with an unquoted "&" or ";" continues in what looks like the next option, so mask to the end.
    options = re.split(r"(?<=[&;])", query)
    public = list(takewhile(lambda option: option.partition("=")[0] in PUBLIC_URL_OPTIONS, options))
    rest = "".join(options[len(public) :])
    name, mark, _ = rest.partition("=")
    return "".join(public) + (f"{name}=***" if mark else "***" if rest else "")


def truncate_text(text: str, max_length: int) -> str:
    """Return a text on one line, without secrets, shortened to the length of its column."""
    # Errors of drivers have several lines; a line break inside a cell breaks every list that shows it.
    line = redact_text(" ".join(text.split()))
    return line if len(line) <= max_length else line[: max_length - 3] + "..."
