"""``acm-etl config init``: the example file gives the defaults, line by line, and never replaces a file."""

from __future__ import annotations

import errno
import json
import re
import tomllib

import pytest
from click.testing import CliRunner
from commands import assert_refused

from acm_etl import config
from acm_etl.admin import settings_file
from acm_etl.cli import main
from acm_etl.config import Config

SETTINGS = [(section, name, getattr(part, name)) for section, part in Config() for name in type(part).model_fields]


@pytest.fixture
def written(tmp_path):
    result = CliRunner().invoke(main, ["config", "--init", str(tmp_path / "acm.toml"), "--json"])
    assert json.loads(result.stdout) == {"file": str(tmp_path / "acm.toml"), "settings": len(SETTINGS)}
    return tmp_path / "acm.toml"


def test_the_file_as_it_stands_gives_the_defaults(written):
    assert config.load_config(path=written, environ={}) == Config()


def test_every_setting_without_its_comment_sign_gives_its_default(written):
    lines = written.read_text(encoding="utf-8").splitlines()
    names = re.findall(r"^\[(\w+)\]|^#(\w+) =(.*)", "\n".join(lines), re.MULTILINE)
    assert [name for _, name, _ in names if name] == [name for _, name, _ in SETTINGS]
    # A line without a default has no value yet, and is not TOML before it gets one.
    text = "\n".join(line[1:] if re.match(r"#\w+ = \S", line) and "# not set" not in line else line for line in lines)
    loaded = tomllib.loads(text)
    assert {(section, name) for section, values in loaded.items() for name in values} == {
        (section, name) for section, name, value in SETTINGS if value is not None
    }
    written.write_text(text, encoding="utf-8")
    assert config.load_config(path=written, environ={}) == Config()


def test_an_existing_file_stays_as_it_is(written):
    written.write_text("[score]\nalarm_z = 4.0\n", encoding="utf-8")
    assert_refused(CliRunner().invoke(main, ["config", "init", str(written)]), 2, str(written))
    assert config.load_config(path=written, environ={}).score.alarm_z == 4.0


def test_a_missing_folder_is_a_usage_error(tmp_path):
    assert_refused(CliRunner().invoke(main, ["config", "init", str(tmp_path / "none" / "acm.toml")]), 2, "acm.toml")


def test_a_full_disk_leaves_no_empty_file(tmp_path, monkeypatch):
    def raise_full_disk():
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(settings_file, "format_settings_file", raise_full_disk)
    result = CliRunner().invoke(main, ["config", "init", str(tmp_path / "acm.toml")])
    assert_refused(result, 3, "No space left on device")
    assert list(tmp_path.iterdir()) == []
