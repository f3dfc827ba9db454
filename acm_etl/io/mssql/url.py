"""Where a SQL Server is and how to get in: a URL, the environment or a file as ODBC's words, secrets kept apart."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from acm_etl.errors import UsageError

URL_SCHEME, ODBC_URL_SCHEME = "mssql", "mssql+odbc"
EXAMPLE_URL = "mssql://user@host:1433/ACM?encrypt=yes"
#: Keys of the URL's query and the words of ODBC Driver 18 for them.
#: https://learn.microsoft.com/sql/connect/odbc/dsn-connection-string-attribute
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
# Without these the driver reconnects an idle session by itself: locks and staging of the old one would be gone unseen.
_FIXED_ATTRIBUTES = {"ConnectRetryCount": "0"}
# More than the 4096 of the drivers; near 16 K, the most a TLS record holds, the ODBC driver breaks the connection.
_PACKET_SIZE = "8000"
#: What these words may say. https://learn.microsoft.com/sql/connect/odbc/dsn-connection-string-attribute
_ALLOWED_VALUES = {
    "encrypt": ("yes", "no", "true", "false", "mandatory", "optional", "strict"),
    "trust": ("yes", "no", "true", "false"),
    "trusted": ("yes", "no", "true", "false"),
}
#: The drivers name themselves: mssql-python refuses these.
_RESERVED_ATTRIBUTES = ("driver", "app", "dsn")
#: As connection strings of other drivers write them.
_LOGIN_ALIASES = {"uid": ("uid", "user id", "user"), "pwd": ("pwd", "password")}


@dataclass(frozen=True, slots=True)
class ConnectionTarget:
    """A database and the way into it. Its text shows no secret.

    Attributes:
        url: Where it is, without secrets.
        attributes: Words of an ODBC connection string, without driver, user and password.
        user: Login; None for a Windows or token login.
        password: Its password.
    """

    url: str
    attributes: tuple[tuple[str, str], ...] = field(repr=False)
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Texts that nobody may read, in the spellings in which they travel."""
        return tuple({self.password, _quote_value(self.password)}) if self.password else ()

    def get_attribute(self, name: str) -> str | None:
        """One word of the connection string."""
        return next((value for key, value in self.attributes if key.casefold() == name.casefold()), None)

    def connection_string(self, driver: str | None = None) -> str:
        """The connection string, secrets included; ``driver`` for clients that have to be told theirs."""
        known = {"Driver": driver, **dict(self.attributes), "UID": self.user, "PWD": self.password}
        return ";".join(f"{key}={_quote_value(value)}" for key, value in known.items() if value is not None)


def parse_mssql_url(url: str, environ: Mapping[str, str] | None = None) -> ConnectionTarget:
    """Read a store's URL; user and password may come from the environment or a file instead.

    Raises:
        UsageError: The URL names no server, database or way to log in, or has words nobody knows.
    """
    scheme, _, rest = url.partition("://")
    given = os.environ if environ is None else environ
    if scheme.casefold() == ODBC_URL_SCHEME:
        return _require_login(
            _parse_odbc_string(dict(parse_qsl(rest.partition("?")[2])).get("odbc_connect", ""), given)
        )
    return _require_login(_parse_url(url, given))


def _require_login(target: ConnectionTarget) -> ConnectionTarget:
    """Refuse what only the server would refuse, after its timeouts and in its words."""
    trusted = (target.get_attribute("Trusted_Connection") or "no").casefold() in ("yes", "true")
    if trusted or target.get_attribute("Authentication"):
        return target
    if target.user is None:
        message = f"no login is given for {target.url}: set ACM_MSSQL_USER, or trusted=yes for a Windows login"
        raise UsageError(message)
    if not target.password:
        message = f"no password is given for {target.user} at {target.url}: set ACM_MSSQL_PASSWORD (or .._FILE)"
        raise UsageError(message)
    return target


def _parse_url(url: str, given: Mapping[str, str]) -> ConnectionTarget:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        message = f"the store's URL has a port or host that cannot be read; write {EXAMPLE_URL}"
        raise UsageError(message) from None  # its text would repeat the password
    host, database = unquote(parts.hostname or ""), unquote(parts.path.strip("/"))
    if not host or not database:
        message = f"the store's URL names no {'database' if host else 'server'}; write {EXAMPLE_URL}"
        raise UsageError(message)
    if "@" in parts.path:
        message = f"the store's URL has a / before its @: percent-encode the password (%2F); write {EXAMPLE_URL}"
        raise UsageError(message)
    query = dict(parse_qsl(parts.query))
    password_file = query.pop("password_file", None)
    server = f"{host},{port or 1433}" if port or "\\" not in host else host
    return ConnectionTarget(
        f"mssql://{host}{f':{port}' if port else ''}/{database}",
        (("Server", f"tcp:{server}"), ("Database", database), *_build_attributes(query).items()),
        unquote(parts.username) if parts.username else given.get("ACM_MSSQL_USER"),
        unquote(parts.password) if parts.password else _read_password(given, password_file),
    )


def _build_attributes(query: Mapping[str, str]) -> dict[str, str]:
    unknown = [name for name in query if name not in _ODBC_ATTRIBUTES]
    if unknown:
        known = ", ".join((*_ODBC_ATTRIBUTES, "password_file"))
        # behind a password that is not percent-encoded, a "word" may be a part of it
        names = ", ".join(unknown) if not {"password", "pwd"} & set(query) else "not shown, behind a password"
        message = f"the store's URL has {len(unknown)} unknown word(s): {names}; known: {known}"
        raise UsageError(message)
    for name, choices in _ALLOWED_VALUES.items():
        if query.get(name, choices[0]).casefold() not in choices:
            said = query[name] if query[name].isalnum() else "something else"  # it may have swallowed a password
            message = f"the store's URL says {name}={said}; it may say {', '.join(choices)}"
            raise UsageError(message)
    return {
        "Encrypt": "yes",
        "PacketSize": _PACKET_SIZE,
        **{_ODBC_ATTRIBUTES[name]: text for name, text in query.items()},
        **_FIXED_ATTRIBUTES,
    }


def _parse_odbc_string(text: str, environ: Mapping[str, str]) -> ConnectionTarget:
    """A connection string as SQLAlchemy takes it: for Windows and Entra logins."""
    words = {key.strip(): value for key, value in _split_attributes(text)}
    folded = {key.casefold(): value for key, value in words.items()}
    server = next((folded[key] for key in ("server", "address", "addr") if folded.get(key)), None)
    if server is None or not folded.get("database"):
        message = f"{ODBC_URL_SCHEME}:///?odbc_connect= needs Server and Database, percent-encoded"
        raise UsageError(message)
    apart = (
        *_RESERVED_ATTRIBUTES,
        *_LOGIN_ALIASES["uid"],
        *_LOGIN_ALIASES["pwd"],
        *(name.casefold() for name in _FIXED_ATTRIBUTES),
    )
    kept = tuple((key, value) for key, value in words.items() if key.casefold() not in apart)
    user, written = (next((folded[key] for key in keys if folded.get(key)), None) for keys in _LOGIN_ALIASES.values())
    password = written or (_read_password(environ, None) if user else None)
    return ConnectionTarget(
        f"mssql://{server}/{folded['database']}", (*kept, *_FIXED_ATTRIBUTES.items()), user, password
    )


def _split_attributes(text: str) -> list[tuple[str, str]]:
    pairs = re.findall(r"([^=;]+)=(\{(?:[^}]|\}\})*\}|[^;]*)", text)
    return [(key, value[1:-1].replace("}}", "}") if value.startswith("{") else value) for key, value in pairs]


def _read_password(environ: Mapping[str, str], path: str | None) -> str | None:
    place = path or environ.get("ACM_MSSQL_PASSWORD_FILE")
    if place is None:
        return environ.get("ACM_MSSQL_PASSWORD")
    try:
        return Path(place).read_text(encoding="utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        message = f"the password file {place} is not UTF-8 text; save it as UTF-8"
        raise UsageError(message) from None  # its text would repeat a part of the password
    except OSError as error:
        message = f"cannot read the password file {place}: {error.strerror}"
        raise UsageError(message) from error


def _quote_value(value: str) -> str:
    plain = re.fullmatch(r"[\w.,:\\-]*", value)
    return value if plain else "{" + value.replace("}", "}}") + "}"
