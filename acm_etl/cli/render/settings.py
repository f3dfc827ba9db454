"""Settings on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from acm_etl.admin.settings import SettingValue, StoredSettingChange
from acm_etl.admin.settings_file import SettingsFile
from acm_etl.cli.render.console import make_console, print_line
from acm_etl.formatting import format_command, format_setting

# Wide enough for the longest meaning, so that grep finds a setting and its meaning on one line.
_PIPE_WIDTH = 220
_VARIABLE_MIN_WIDTH = 130
"""Narrower terminals do not show the environment variables."""


def print_settings(settings: Sequence[SettingValue]) -> None:
    """Print every setting on lines that ``acm-etl config | grep alarm`` finds."""
    console = make_console(_PIPE_WIDTH)
    table = Table(title="Settings", title_justify="left", title_style="bold", header_style="bold")
    table.add_column("setting", no_wrap=True)
    table.add_column("value", overflow="fold", max_width=32)
    has_variables = console.width >= _VARIABLE_MIN_WIDTH
    if has_variables:
        table.add_column("variable", no_wrap=True)
    table.add_column("meaning")
    for setting in settings:
        value = escape(format_setting(setting.value))
        meaning = setting.meaning
        # Bold and with its source: of a hundred settings these are the ones that explain a surprise.
        if setting.source != "default":
            value = f"[bold]{value}[/]"
            source = setting.source.replace("_", " ")
            meaning += f" (default {format_setting(setting.default)}; value from: {source})"
        table.add_row(setting.name, value, *([setting.variable] if has_variables else []), escape(meaning))
    console.print(table)
    if not has_variables:
        print_line(
            "Environment variable of a setting: ACM_SECTION__NAME, e.g. ACM_SCORE__ALARM_Z; of store.url: ACM_STORE"
        )


def print_setting_change(change: StoredSettingChange) -> None:
    """Print the value before and after a change, and for which machines it holds."""
    scope = "all machines" if change.equip is None else escape(change.equip)
    old = "not stored" if change.old_value is None else change.old_value
    new = "removed" if change.new_value is None else change.new_value
    print_line(f"{escape(change.name)} of {scope}: {escape(new)} (before: {escape(old)})")


def print_settings_file(written: SettingsFile) -> None:
    """Print the path of an example settings file, and how to use it."""
    command = format_command("--config", written.file, "config")
    print_line(f"{escape(written.file)}: {written.settings} settings, each commented out with its default")
    print_line(f"Change some, then run: {escape(command)}")
