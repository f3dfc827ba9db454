"""Where a SQL Server is and how to get in: a URL, the environment or a file as ODBC's words, secrets kept apart."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from acm_etl.errors import UsageError

SCHEME, ODBC_SCHEME = "mssql", "mssql+odbc"
EXAMPLE = "mssql://user@host:1433/ACM?encrypt=yes"
#: Keys of the URL's query and the words of ODBC Driver 18 for them.
#: https://learn.microsoft.com/sql/connect/odbc/dsn-connection-string-attribute
_KEYS = {
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
_FIXED = {"ConnectRetryCount": "0"}
# More than the 4096 of the drivers; near 16 K, the most a TLS record holds, the ODBC driver breaks the connection.
_PACKET = "8000"
#: What these words may say. https://learn.microsoft.com/sql/connect/odbc/dsn-connection-string-attribute
_CHOICES = {
    "encrypt": ("yes", "no", "true", "false", "mandatory", "optional", "strict"),
    "trust": ("yes", "no", "true", "false"),
    "trusted": ("yes", "no", "true", "false"),
}
#: The drivers name themselves: mssql-python refuses these.
_RESERVED = ("driver", "app", "dsn")
#: As connection strings of other drivers write them.
_LOGIN = {"uid": ("uid", "user id", "user"), "pwd": ("pwd", "password")}


@dataclass(frozen=True, slots=True)
class Target:
    """A database and the way into it. Its text shows no secret.

    Attributes:
        url: Where it is, without secrets.
        words: Words of an ODBC connection string, without driver, user and password.
        user: Login; None for a Windows or token login.
        password: Its password.
    """

    url: str
    words: tuple[tuple[str, str], ...] = field(repr=False)
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Texts that nobody may read, in the spellings in which they travel."""
        return tuple({self.password, _braced(self.password)}) if self.password else ()

    def word(self, name: str) -> str | None:
        """One word of the connection string."""
        return next((value for key, value in self.words if key.casefold() == name.casefold()), None)

    def odbc(self, driver: str | None = None) -> str:
        """The connection string, secrets included; ``driver`` for clients that have to be told theirs."""
        known = {"Driver": driver, **dict(self.words), "UID": self.user, "PWD": self.password}
        return ";".join(f"{key}={_braced(value)}" for key, value in known.items() if value is not None)


def parse(url: str, environ: Mapping[str, str] | None = None) -> Target:
    """Read a store's URL; user and password may come from the environment or a file instead.

    Raises:
        UsageError: The URL names no server, database or way to log in, or has words nobody knows.
    """
    scheme, _, rest = url.partition("://")
    given = os.environ if environ is None else environ
    if scheme.casefold() == ODBC_SCHEME:
        return _checked(_from_odbc(dict(parse_qsl(rest.partition("?")[2])).get("odbc_connect", ""), given))
    return _checked(_from_url(url, given))


def _checked(target: Target) -> Target:
    """Refuse what only the server would refuse, after its timeouts and in its words."""
    trusted = (target.word("Trusted_Connection") or "no").casefold() in ("yes", "true")
    if trusted or target.word("Authentication"):
        return target
    if target.user is None:
        message = f"no login is given for {target.url}: set ACM_MSSQL_USER, or trusted=yes for a Windows login"
        raise UsageError(message)
    if not target.password:
        message = f"no password is given for {target.user} at {target.url}: set ACM_MSSQL_PASSWORD (or .._FILE)"
        raise UsageError(message)
    return target


def _from_url(url: str, given: Mapping[str, str]) -> Target:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        message = f"the store's URL has a port or host that cannot be read; write {EXAMPLE}"
        raise UsageError(message) from None  # its text would repeat the password
    host, database = unquote(parts.hostname or ""), unquote(parts.path.strip("/"))
    if not host or not database:
        message = f"the store's URL names no {'database' if host else 'server'}; write {EXAMPLE}"
        raise UsageError(message)
    if "@" in parts.path:
        message = f"the store's URL has a / before its @: percent-encode the password (%2F); write {EXAMPLE}"
        raise UsageError(message)
    query = dict(parse_qsl(parts.query))
    password_file = query.pop("password_file", None)
    server = f"{host},{port or 1433}" if port or "\\" not in host else host
    return Target(
        f"mssql://{host}{f':{port}' if port else ''}/{database}",
        (("Server", f"tcp:{server}"), ("Database", database), *_options(query).items()),
        unquote(parts.username) if parts.username else given.get("ACM_MSSQL_USER"),
        unquote(parts.password) if parts.password else _password(given, password_file),
    )


def _options(query: Mapping[str, str]) -> dict[str, str]:
    unknown = [name for name in query if name not in _KEYS]
    if unknown:
        known = ", ".join((*_KEYS, "password_file"))
        # behind a password that is not percent-encoded, a "word" may be a part of it
        names = ", ".join(unknown) if not {"password", "pwd"} & set(query) else "not shown, behind a password"
        message = f"the store's URL has {len(unknown)} unknown word(s): {names}; known: {known}"
        raise UsageError(message)
    for name, choices in _CHOICES.items():
        if query.get(name, choices[0]).casefold() not in choices:
            said = query[name] if query[name].isalnum() else "something else"  # it may have swallowed a password
            message = f"the store's URL says {name}={said}; it may say {', '.join(choices)}"
            raise UsageError(message)
    return {"Encrypt": "yes", "PacketSize": _PACKET, **{_KEYS[name]: text for name, text in query.items()}, **_FIXED}


def _from_odbc(text: str, environ: Mapping[str, str]) -> Target:
    """A connection string as SQLAlchemy takes it: for Windows and Entra logins."""
    words = {key.strip(): value for key, value in _split(text)}
    folded = {key.casefold(): value for key, value in words.items()}
    server = next((folded[key] for key in ("server", "address", "addr") if folded.get(key)), None)
    if server is None or not folded.get("database"):
        message = f"{ODBC_SCHEME}:///?odbc_connect= needs Server and Database, percent-encoded"
        raise UsageError(message)
    apart = (*_RESERVED, *_LOGIN["uid"], *_LOGIN["pwd"], *(name.casefold() for name in _FIXED))
    kept = tuple((key, value) for key, value in words.items() if key.casefold() not in apart)
    user, written = (next((folded[key] for key in keys if folded.get(key)), None) for keys in _LOGIN.values())
    password = written or (_password(environ, None) if user else None)
    return Target(f"mssql://{server}/{folded['database']}", (*kept, *_FIXED.items()), user, password)


def _split(text: str) -> list[tuple[str, str]]:
    pairs = re.findall(r"([^=;]+)=(\{(?:[^}]|\}\})*\}|[^;]*)", text)
    return [(key, value[1:-1].replace("}}", "}") if value.startswith("{") else value) for key, value in pairs]


def _password(environ: Mapping[str, str], path: str | None) -> str | None:
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


def _braced(value: str) -> str:
    plain = re.fullmatch(r"[\w.,:\\-]*", value)
    return value if plain else "{" + value.replace("}", "}}") + "}"
