"""Parse the URL of a SQL Server store into ODBC connection attributes; user and password are kept apart from them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from acm_etl.counts import format_count
from acm_etl.errors import UsageError

URL_SCHEME, ODBC_URL_SCHEME = "mssql", "mssql+odbc"
EXAMPLE_URL = "mssql://user@host:1433/ACM?encrypt=yes"
# ODBC attribute by option of the URL.
# https://learn.microsoft.com/sql/connect/odbc/dsn-connection-string-attribute
_ODBC_ATTRIBUTES = {
    "encrypt": "Encrypt",
    "trust": "TrustServerCertificate",
    "certificate": "ServerCertificate",
    "hostname": "HostnameInCertificate",
    "failover": "MultiSubnetFailover",
    "intent": "ApplicationIntent",
    "packet": "PacketSize",
    "authentication": "Authentication",
    "trusted": "Trusted_Connection",
}
# By default the driver reconnects a broken idle connection without an error; the new session would lack the locks and
# temporary tables of the old one. https://learn.microsoft.com/sql/connect/odbc/connection-resiliency
_FIXED_ATTRIBUTES = {"ConnectRetryCount": "0"}
_READ_INTENT = ("ApplicationIntent", "ReadOnly")
# Larger packets than the default of 4096 bytes speed up bulk copies. With nearly 16 KB, the size of a TLS record, the
# ODBC driver breaks the connection.
_PACKET_SIZE = "8000"
# Options with a fixed set of values.
_ALLOWED_VALUES = {
    "encrypt": ("yes", "no", "true", "false", "mandatory", "optional", "strict"),
    "trust": ("yes", "no", "true", "false"),
    "trusted": ("yes", "no", "true", "false"),
}
# Attributes that each driver sets itself; mssql-python rejects them.
_RESERVED_ATTRIBUTES = ("driver", "app", "dsn")
# Spellings in connection strings of other drivers.
_LOGIN_ALIASES = {"uid": ("uid", "user id", "user"), "pwd": ("pwd", "password")}


@dataclass(frozen=True, slots=True)
class ConnectionTarget:
    """A database on a server and the login for it; ``repr`` shows the URL only.

    Attributes:
        url: URL without user name, password and options.
        attributes: Attributes of an ODBC connection string, without driver, user and password.
        user: SQL login; None for a Windows or token login.
        password: Password of the login.
    """

    url: str
    attributes: tuple[tuple[str, str], ...] = field(repr=False)
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Texts that no message may contain: the password, plain and quoted as in a connection string."""
        return tuple({self.password, _quote_value(self.password)}) if self.password else ()

    def get_attribute(self, name: str) -> str | None:
        """Return an attribute of the connection string, in any case; None if it is not set."""
        return next((value for key, value in self.attributes if key.casefold() == name.casefold()), None)

    def declare_read_only(self) -> ConnectionTarget:
        """Return the target of sessions that only read; a listener routes these to a readable secondary.

        https://learn.microsoft.com/sql/database-engine/availability-groups/windows/listeners-client-connectivity-application-failover
        """
        kept = (pair for pair in self.attributes if pair[0].casefold() != _READ_INTENT[0].casefold())
        return replace(self, attributes=(*kept, _READ_INTENT))

    def connection_string(self, driver: str | None = None) -> str:
        """Return the ODBC connection string, password included.

        Args:
            driver: Name or path of the ODBC driver, for pyodbc and arrow-odbc; None for mssql-python.
        """
        values = {"Driver": driver, **dict(self.attributes), "UID": self.user, "PWD": self.password}
        return ";".join(f"{key}={_quote_value(value)}" for key, value in values.items() if value is not None)


def parse_mssql_url(url: str, environ: Mapping[str, str] | None = None) -> ConnectionTarget:
    """Parse the URL of a store.

    Args:
        url: ``mssql://user:password@host:port/database?option=value`` or ``mssql+odbc:///?odbc_connect=...``.
        environ: Environment variables for a missing user or password (ACM_MSSQL_USER, ACM_MSSQL_PASSWORD,
            ACM_MSSQL_PASSWORD_FILE); None for those of this process.

    Raises:
        UsageError: The URL lacks server, database or login, or has an unknown option; or the password file is not
            readable.
    """
    scheme, _, rest = url.partition("://")
    variables = os.environ if environ is None else environ
    if scheme.casefold() == ODBC_URL_SCHEME:
        odbc_connect = dict(parse_qsl(rest.partition("?")[2])).get("odbc_connect", "")
        return _require_login(_parse_odbc_string(odbc_connect, variables))
    return _require_login(_parse_url(url, variables))


def _require_login(target: ConnectionTarget) -> ConnectionTarget:
    # Checked here, because a server rejects a missing login only after its timeouts, and with a message about ODBC.
    trusted = (target.get_attribute("Trusted_Connection") or "no").casefold() in ("yes", "true")
    if trusted or target.get_attribute("Authentication"):
        return target
    if target.user is None:
        message = f"no login is given for {target.url}: set ACM_MSSQL_USER, or trusted=yes for a Windows login"
        raise UsageError(message)
    if not target.password:
        variables = "ACM_MSSQL_PASSWORD or ACM_MSSQL_PASSWORD_FILE"
        message = f"no password is given for {target.user} at {target.url}: set {variables}"
        raise UsageError(message)
    return target


def _parse_url(url: str, environ: Mapping[str, str]) -> ConnectionTarget:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        message = f"the store's URL has a port or host that cannot be read; write {EXAMPLE_URL}"
        # "from None": the text of the ValueError contains parts of the password.
        raise UsageError(message) from None
    host, database = unquote(parts.hostname or ""), unquote(parts.path.strip("/"))
    if not host or not database:
        message = f"the store's URL names no {'database' if host else 'server'}; write {EXAMPLE_URL}"
        raise UsageError(message)
    # A "/" in a password ends the host part too early.
    if "@" in parts.path:
        message = f"the store's URL has a / before its @: percent-encode the password (%2F); write {EXAMPLE_URL}"
        raise UsageError(message)
    query = dict(parse_qsl(parts.query))
    password_file = query.pop("password_file", None)
    # A named instance (HOST\INSTANCE) has no fixed port: SQL Server Browser returns it.
    server = f"{host},{port or 1433}" if port or "\\" not in host else host
    return ConnectionTarget(
        f"mssql://{host}{f':{port}' if port else ''}/{database}",
        (("Server", f"tcp:{server}"), ("Database", database), *_build_attributes(query).items()),
        unquote(parts.username) if parts.username else environ.get("ACM_MSSQL_USER"),
        unquote(parts.password) if parts.password else _read_password(environ, password_file),
    )


def _build_attributes(query: Mapping[str, str]) -> dict[str, str]:
    unknown = [name for name in query if name not in _ODBC_ATTRIBUTES]
    if unknown:
        known = ", ".join((*_ODBC_ATTRIBUTES, "password_file"))
        # A password with an unquoted "&" continues in what looks like the next option: show no names then.
        names = ", ".join(unknown) if not {"password", "pwd"} & set(query) else "not shown, they may be secret"
        message = f"the store's URL has {format_count(len(unknown), 'unknown option')}: {names}; known: {known}"
        raise UsageError(message)
    for name, choices in _ALLOWED_VALUES.items():
        if query.get(name, choices[0]).casefold() not in choices:
            # With other characters the value may contain a password ("yes;pwd=...").
            value = query[name] if query[name].isalnum() else "(not shown)"
            message = f"the store's URL has {name}={value}; use one of {', '.join(choices)}"
            raise UsageError(message)
    return {
        "Encrypt": "yes",
        "PacketSize": _PACKET_SIZE,
        **{_ODBC_ATTRIBUTES[name]: text for name, text in query.items()},
        **_FIXED_ATTRIBUTES,
    }


def _parse_odbc_string(text: str, environ: Mapping[str, str]) -> ConnectionTarget:
    # The form of SQLAlchemy's URLs, for Windows and Entra ID logins.
    # https://docs.sqlalchemy.org/en/20/dialects/mssql.html#pass-through-exact-pyodbc-string
    attributes = {key.strip(): value for key, value in _split_attributes(text)}
    folded = {key.casefold(): value for key, value in attributes.items()}
    server = next((folded[key] for key in ("server", "address", "addr") if folded.get(key)), None)
    if server is None or not folded.get("database"):
        message = f"{ODBC_URL_SCHEME}:///?odbc_connect= needs Server and Database, percent-encoded"
        raise UsageError(message)
    excluded = (
        *_RESERVED_ATTRIBUTES,
        *_LOGIN_ALIASES["uid"],
        *_LOGIN_ALIASES["pwd"],
        *(name.casefold() for name in _FIXED_ATTRIBUTES),
    )
    included = tuple((key, value) for key, value in attributes.items() if key.casefold() not in excluded)
    user, password = (next((folded[key] for key in keys if folded.get(key)), None) for keys in _LOGIN_ALIASES.values())
    # No password without a user: a Windows or token login must not get the one of the environment.
    if user and not password:
        password = _read_password(environ, None)
    return ConnectionTarget(
        f"mssql://{server}/{folded['database']}", (*included, *_FIXED_ATTRIBUTES.items()), user, password
    )


def _split_attributes(text: str) -> list[tuple[str, str]]:
    # A value in braces may contain semicolons; "}}" is a closing brace inside of it.
    pairs = re.findall(r"([^=;]+)=(\{(?:[^}]|\}\})*\}|[^;]*)", text)
    return [(key, value[1:-1].replace("}}", "}") if value.startswith("{") else value) for key, value in pairs]


def _read_password(environ: Mapping[str, str], path: str | None) -> str | None:
    path = path or environ.get("ACM_MSSQL_PASSWORD_FILE")
    if path is None:
        return environ.get("ACM_MSSQL_PASSWORD")
    try:
        # utf-8-sig: Windows editors write a byte order mark; every editor may end the line.
        return Path(path).read_text(encoding="utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        message = f"the password file {path} is not UTF-8 text; save it as UTF-8"
        # "from None": the error's text contains bytes of the password.
        raise UsageError(message) from None
    except OSError as error:
        message = f"cannot read the password file {path}: {error.strerror}"
        raise UsageError(message) from error


def _quote_value(value: str) -> str:
    needs_no_braces = re.fullmatch(r"[\w.,:\\-]*", value)
    return value if needs_no_braces else "{" + value.replace("}", "}}") + "}"
