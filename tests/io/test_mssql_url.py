from __future__ import annotations

from urllib.parse import quote

import pytest

from acm_etl.errors import UsageError
from acm_etl.io.mssql.url import parse_mssql_url
from acm_etl.redaction import PUBLIC_URL_OPTIONS

SECRET = "s3cret;{Word}=ü"  # noqa: S105 - made up


def test_a_url_becomes_the_words_of_the_drivers():
    target = parse_mssql_url(f"mssql://loader:{quote(SECRET)}@db.plant:1444/ACM?encrypt=strict&trust=no", {})
    assert target.url == "mssql://db.plant:1444/ACM"
    assert (target.user, target.password) == ("loader", SECRET)
    assert target.get_attribute("server") == "tcp:db.plant,1444"
    assert target.get_attribute("database") == "ACM"
    assert target.get_attribute("encrypt") == "strict"
    assert SECRET not in repr(target)
    assert "PWD={s3cret;{Word}}=ü}" in target.connection_string("x.so")  # as ODBC wants a closing brace


def test_encryption_is_on_unless_it_is_switched_off():
    assert parse_mssql_url("mssql://u:p@h/ACM", {}).get_attribute("Encrypt") == "yes"


@pytest.mark.parametrize("scheme", ["MSSQL", "mssql", "MsSql"])
def test_a_scheme_is_read_in_any_case(scheme):
    assert parse_mssql_url(f"{scheme}://u:p@h/ACM", {}).url == "mssql://h/ACM"


def test_login_from_the_environment_and_from_a_file(tmp_path):
    path = tmp_path / "password"
    path.write_text(f"{SECRET}\n", encoding="utf-8")
    assert parse_mssql_url("mssql://h/ACM", {"ACM_MSSQL_USER": "u", "ACM_MSSQL_PASSWORD": SECRET}).password == SECRET
    assert parse_mssql_url("mssql://u@h/ACM", {"ACM_MSSQL_PASSWORD_FILE": str(path)}).password == SECRET
    assert parse_mssql_url(f"mssql://u@h/ACM?password_file={quote(str(path))}", {}).password == SECRET


@pytest.mark.parametrize(
    "text",
    [
        "Driver={ODBC Driver 18 for SQL Server};Server=h;Database=ACM;UID=u;PWD={a;b}",
        "Address=h;database=ACM;User ID=u;Password={a;b}",
        "SERVER=h;DATABASE=ACM;User=u;pwd={a;b}",
    ],
)
def test_connection_strings_of_other_drivers(text):
    target = parse_mssql_url(f"mssql+odbc:///?odbc_connect={quote(text)}", {})
    assert (target.user, target.password, target.url) == ("u", "a;b", "mssql://h/ACM")
    assert [
        key for key, _ in target.attributes if key.casefold() in ("uid", "user", "user id", "pwd", "password")
    ] == []
    assert "Driver" not in dict(target.attributes)


@pytest.mark.parametrize("words", ["Trusted_Connection=yes", "Authentication=ActiveDirectoryMsi"])
def test_logins_without_a_password(words):
    target = parse_mssql_url(f"mssql+odbc:///?odbc_connect={quote(f'Server=h;Database=ACM;{words}')}", {})
    assert target.password is None


@pytest.mark.parametrize(
    "url",
    [
        "mssql://u:p@h/ACM",
        "mssql://u:p@h/ACM?intent=ReadWrite",
        f"mssql+odbc:///?odbc_connect={quote('Server=h;Database=ACM;UID=u;PWD=p;APPLICATIONINTENT=ReadWrite')}",
    ],
)
def test_a_session_that_only_reads_says_so_once(url):
    text = parse_mssql_url(url, {}).declare_read_only().connection_string().casefold()
    assert text.count("applicationintent=readonly") == text.count("applicationintent") == 1
    assert "uid=u;pwd=p" in text


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mssql://u:p@h", "names no database"),
        ("mssql:///ACM", "names no server"),
        ("mssql://u:p@h:port/ACM", "a port or host that cannot be read"),
        ("mssql://u:a/b@h/ACM", "port or host that cannot be read|percent-encode the password"),
        ("mssql://u:p@h/ACM?encrpyt=yes", r"1 unknown option: encrpyt; known: encrypt, trust"),
        ("mssql://u:p@h/ACM?encrypt=maybe", "encrypt=maybe; use one of yes, no"),
        ("mssql://u:p@h/ACM?trust=sure", "trust=sure; use one of yes, no"),
        ("mssql://u:p@h/ACM?encrypt=yes;pwd=s3cret", r"encrypt=\(not shown\); use one of yes, no"),
        ("mssql://u@h/ACM?password=a&s3cret=b", r"2 unknown options: not shown, they may be secret; known"),
        ("mssql://u@h/ACM", "no password is given for u at mssql://h/ACM: set ACM_MSSQL_PASSWORD"),
        ("mssql://h/ACM", "no login is given for mssql://h/ACM: set ACM_MSSQL_USER, or trusted=yes"),
        ("mssql+odbc:///?odbc_connect=Server%3Dh", "needs Server and Database"),
        ("mssql://u@h/ACM?password_file=/no/such/file", "cannot read the password file /no/such/file"),
    ],
)
def test_what_cannot_be_used_says_what_to_write(url, message):
    with pytest.raises(UsageError, match=message):
        parse_mssql_url(url, {})


def test_every_word_of_a_url_is_one_that_anybody_may_read():
    with pytest.raises(UsageError, match=rf"known: {', '.join(PUBLIC_URL_OPTIONS)}$"):
        parse_mssql_url("mssql://u:p@h/ACM?password=x", {})
