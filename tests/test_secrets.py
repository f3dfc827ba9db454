"""A secret in the wrong place is never printed, logged or kept in a message: every error path, with a marked secret."""

from __future__ import annotations

import json
import logging
import sys

import click
import pytest
from click.testing import CliRunner
from commands import assert_refused

from acm_etl import config, logs, redaction
from acm_etl.cli import main
from acm_etl.errors import AcmError, ConfigError
from acm_etl.fleet import machine_task
from acm_etl.io.connect import open_store
from acm_etl.redaction import truncate_text

SECRET = "Zq7-S3CRET"  # noqa: S105 - made up
ADDRESSES = (
    f"mssql://sa:{SECRET}@127.0.0.1:1/db",
    f"mssql://sa:{SECRET}@127.0.0.1:1/db?encrypt=yes",
    f"mssql://sa:a/{SECRET}@127.0.0.1:1/db",
    f"mssql://sa:a@{SECRET}@127.0.0.1:1/db",
    f"mssql://sa:a?{SECRET}@127.0.0.1:1/db",
    f"mssql://sa@127.0.0.1:1/db?password={SECRET}",
    f"mssql+odbc:///?odbc_connect=Server=h;PWD={{{SECRET}}}",
    f"duckdb://u:{SECRET}@/x",
    f"postgres://u:{SECRET}@127.0.0.1:1/db",
    f"u:{SECRET}@127.0.0.1:1/db",
)
SETTINGS = [f"{section}.{name}" for section, part in config.Config() for name in type(part).model_fields]
TEXT_SETTINGS = ("store.url", "backfill.scheduler")


def list_commands(command, path=()):
    """Yield the words and the object of every command."""
    if isinstance(command, click.Group):
        for name in command.commands:
            yield from list_commands(command.commands[name], (*path, name))
    else:
        yield path, command


COMMANDS = dict(list_commands(main))


def assert_kept(text):
    assert SECRET not in text
    assert SECRET.lower() not in text.lower()


@pytest.mark.parametrize("name", SETTINGS)
def test_no_setting_repeats_its_value(name, tmp_path):
    section, key = name.split(".")
    toml = tmp_path / "acm.toml"
    for value in (SECRET, ADDRESSES[0]):
        toml.write_text(f"[{section}]\n{key} = '{value}'", encoding="utf-8")
        for sources in (
            {"options": {name: value}},
            {"path": toml},
            {"config_rows": {name: value}},
            {"environ": {f"ACM_{section}__{key}".upper(): value}},
        ):
            if name in TEXT_SETTINGS:  # any text is accepted
                continue
            with pytest.raises(ConfigError) as caught:
                config.load_config(**sources)
            assert_kept(str(caught.value))
            assert caught.value.__suppress_context__  # a traceback would show the value beside the error


@pytest.mark.parametrize("address", [SECRET, *ADDRESSES])
def test_the_list_of_settings_masks_the_scheduler(address, monkeypatch):
    monkeypatch.setenv("ACM_BACKFILL__SCHEDULER", address)
    assert_kept(CliRunner().invoke(main, ["--json", "config"]).output)


def test_a_section_and_a_key_do_not_repeat_their_values():
    for options in ({"store": SECRET}, {"store.pasword": SECRET}, {"score.weights": {"omr_z": SECRET}}):
        with pytest.raises(ConfigError) as caught:
            config.load_config(options)
        assert_kept(str(caught.value))


@pytest.mark.parametrize("url", [SECRET, *ADDRESSES])
def test_no_address_of_a_store_is_repeated(url, monkeypatch):
    monkeypatch.setenv("ACM_STORE__LOGIN_TIMEOUT", "1s")
    for words in (["config"], ["--json", "config"], ["-vv", "--log-json", "status"]):
        result = CliRunner().invoke(main, ["--store", url, *words])
        assert result.exit_code in (0, 2, 3)
        assert_kept(result.output)
    if not url.startswith("mssql"):
        with pytest.raises(AcmError) as caught:
            open_store(config.StoreSettings(url=url), create=False)
        assert_kept(str(caught.value))


@pytest.mark.sampled(12)
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_no_command_repeats_an_address_in_the_wrong_place(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # without a store
    options = [param for param in COMMANDS[words].params if isinstance(param, click.Option) and not param.is_flag]
    for number, param in enumerate(options):
        if param.name == "store" or param.count:
            continue
        value = ADDRESSES[number % len(ADDRESSES)]
        result = CliRunner().invoke(main, [*words, param.opts[-1], *[value] * param.nargs])
        if result.exit_code:  # otherwise it is the name that the user has given to something
            assert_kept(result.output)
    for address in ADDRESSES[:3]:
        for extra in ([address], [f"--{address}"], [address] * 4):
            assert_kept(CliRunner().invoke(main, [*words, *extra]).output)


def test_an_address_that_stands_for_a_command_is_not_repeated():
    for address in ADDRESSES:
        assert_kept(CliRunner().invoke(main, [address]).output)


@pytest.mark.parametrize("text", [
    *ADDRESSES,
    f"'mssql://sa:a {SECRET}@127.0.0.1:1/db' is not a directory",
    f"login failed: Server=tcp:h;UID=sa;PWD={SECRET};Encrypt=yes",
    f"login failed: Password = {{a;{SECRET}}};",
    f'login failed: Server=h;Password="a;b {SECRET}";',
    f"login failed: host=h password='a b\\'{SECRET}'",
    f"login failed: host=h password='{SECRET}",
])  # fmt: skip
def test_messages_logs_and_stored_errors_mask_secrets(text):
    try:
        raise ValueError(text)  # noqa: TRY301
    except ValueError:
        record = logging.LogRecord("acm_etl", logging.ERROR, "f", 1, "%s", (text,), sys.exc_info())
        record.url = text
        record.nested = {"urls": [text]}
    assert_kept(logs.TextFormatter().format(record))
    assert_kept(logs.JsonFormatter().format(record))
    assert_kept(truncate_text(text, 200))
    assert_kept(machine_task.build_failure_report("FAN", ValueError(text)).message)


def test_the_traceback_of_an_unexpected_error_masks_secrets(monkeypatch, capsys):
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)  # restored after the test
    with pytest.raises(SystemExit):
        main(["--help"])
    sys.excepthook(ValueError, ValueError(f"cannot read {ADDRESSES[0]}"), None)
    assert "ValueError: cannot read mssql://sa:***@" in capsys.readouterr().err


@pytest.mark.parametrize("text", [
    "set ACM_MSSQL_PASSWORD or ACM_MSSQL_PASSWORD_FILE",
    "duckdb:////data/acm.duckdb is held by process 12; wait until it ends",
    "mssql://host:1433/db does not answer",
    "set ACM_NOTIFY_URLS, e.g. export ACM_NOTIFY_URLS=jsons://alarms.plant.example/acm; for e-mail and chat, see x",
    "the time 12:30 is not in 2024-01-01T00:00",
    "tcp://etl-1:8786 does not answer within 10 s",
])  # fmt: skip
def test_a_message_without_secrets_stays_as_it_is(text):
    assert redaction.redact_text(text) == text


@pytest.mark.parametrize(
    "url", ["mysql://sa:geheim@host/db", "postgres://u:geheim@host/db", "u:geheim@host/db", "duckdb:///", "acm.duckdb"]
)
def test_urls_of_other_stores_are_refused_and_passwords_kept(url):
    found = CliRunner().invoke(main, ["--store", url, "status"])
    assert_refused(found, 2, "duckdb:///")
    assert "geheim" not in found.output
    shown = CliRunner().invoke(main, ["--store", url, "config"])
    assert shown.exit_code == 0
    assert "geheim" not in shown.output


def test_a_password_is_kept_wherever_it_was_written(tmp_path):
    slashed = CliRunner().invoke(main, ["--store", "mssql://sa:20/geheim@host/db", "status"])
    assert_refused(slashed, 2, "percent-encode the password")
    toml = tmp_path / "acm.toml"
    toml.write_text('store = "mssql://sa:geheim@host/db"', encoding="utf-8")
    settled = CliRunner().invoke(main, ["--config", str(toml), "status"])
    assert_refused(settled, 2, "bad setting")
    (tmp_path / "word").write_bytes("geheim".encode("utf-16"))
    wide = CliRunner().invoke(main, ["--store", f"mssql://sa@host/db?password_file={tmp_path / 'word'}", "status"])
    assert_refused(wide, 2, "save it as UTF-8")
    assert "geheim" not in slashed.output + settled.output + wide.output


@pytest.mark.sampled(4)
@pytest.mark.parametrize("url", [
    "mssql://u@h/ACM?password=geheim",
    "mssql://u@h/ACM?encrypt=yes&PWD=geheim&trust=no",
    "mssql://u@h/ACM?encrypt=yes;pwd=geheim",
    "mssql://u@h:1433/ACM?password=an@geheim",
    "mssql://u@h/ACM?password=a&geheim=b",
    "mssql://u@h/ACM?geheim",
    "mssql://u:a?geheim@h/ACM",
    "mssql://u:a@b?geheim@h/ACM",
    "u@h/ACM?password=geheim",
    "mssql+odbc:///?odbc_connect=Server=h;PWD={a;geheim&geheim}",
])  # fmt: skip
def test_a_password_behind_the_question_mark_is_kept_too(url):
    shown = CliRunner().invoke(main, ["--store", url, "config"])
    assert shown.exit_code == 0
    assert "***" in shown.output
    assert "geheim" not in shown.output


def test_words_of_a_url_that_are_no_secrets_stay_readable():
    def shown(url):
        settings = json.loads(CliRunner().invoke(main, ["--store", url, "--json", "config"]).output)["settings"]
        return next(setting["value"] for setting in settings if setting["name"] == "store.url")

    url = "mssql://u@h:1433/ACM?encrypt=yes&trust=no&password_file=/run/word"
    assert shown(url) == url
    assert shown("mssql://u@h/ACM?encrypt=yes&pwd=geheim") == "mssql://u@h/ACM?encrypt=yes&pwd=***"
