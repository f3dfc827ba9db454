"""Commands about settings: list all of them; set and unset those stored for a machine in ACM_Config."""

from __future__ import annotations

from pathlib import Path

import click

from acm_etl.cli.command import AcmGroup
from acm_etl.cli.context import CliContext
from acm_etl.cli.options import FilePath, listing_format_option
from acm_etl.host import find_user_name

CONFIG_EPILOG = """\b
Examples:
  acm-etl config | grep alarm
  acm-etl config init acm.toml
  acm-etl config set score.alarm_z 3.8 --equip FD_FAN
  acm-etl config unset score.alarm_z --equip FD_FAN
"""
LIST_EPILOG = """\b
Examples:
  acm-etl config list
  acm-etl config list --equip FD_FAN
  acm-etl config list --format csv > settings.csv
"""
INIT_EPILOG = """\b
Examples:
  acm-etl config init
  acm-etl config init plant.toml
  acm-etl --config plant.toml backfill --all
"""
SET_EPILOG = """\b
Examples:
  acm-etl config set retention.time_days 1095
  acm-etl config set score.alarm_z 3.8 --equip FD_FAN --reason "noisy bearing sensor"
"""
UNSET_EPILOG = """\b
Examples:
  acm-etl config unset retention.time_days
  acm-etl config unset score.alarm_z --equip FD_FAN
"""


class ConfigGroup(AcmGroup):
    """Group that accepts ``config --init`` for ``config init``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments."""
        return super().parse_args(ctx, ["init" if arg == "--init" else arg for arg in args])


@click.group(
    "config",
    cls=ConfigGroup,
    default_command="list",
    short_help="list settings; write a file; store settings of machines",
    epilog=CONFIG_EPILOG,
)
def config_group() -> None:
    """List settings (default); write an example file; set or unset those stored in the database (ACM_Config).

    Precedence: option, environment variable, settings file, stored for the machine, stored for all machines, default.
    """


@config_group.command("list", epilog=LIST_EPILOG)
@click.option("--equip", metavar="CODE", help="Include the settings stored for this machine and for all machines.")
@listing_format_option
@click.pass_obj
def list_command(ctx: CliContext, *, equip: str | None) -> None:
    """List every setting: value in force, default, source, meaning and environment variable."""
    from acm_etl.admin import settings
    from acm_etl.cli.render import settings as render

    # Without a machine no store is needed, so that settings can be checked before there is one.
    if equip is None:
        listed = settings.list_settings(ctx.collect_options(), toml_path=ctx.toml_path)
    else:
        with ctx.open_store() as engine:
            listed = settings.list_machine_settings(engine, equip, ctx.collect_options(), toml_path=ctx.toml_path)
    if not ctx.emit_records({"equip": equip, "settings": listed}, listed, settings.SettingValue):
        render.print_settings(listed)


@config_group.command("init", epilog=INIT_EPILOG)
@click.argument("file", type=FilePath(), default=Path("acm.toml"))
@click.pass_obj
def init_command(ctx: CliContext, file: Path) -> None:
    """Write an example settings file to FILE (default acm.toml): every setting, commented out with its default.

    An existing file is never changed.
    """
    from acm_etl.admin import settings_file
    from acm_etl.cli.render import settings as render

    written = settings_file.write_settings_file(file)
    if not ctx.emit_json(written):
        render.print_settings_file(written)


@config_group.command("set", epilog=SET_EPILOG)
@click.argument("name")
@click.argument("value")
@click.option("--equip", metavar="CODE", help="Machine to store the setting for  [default: all machines].")
@click.option("--reason", metavar="TEXT", help="Reason, stored in ACM_ConfigHistory.")
@click.pass_obj
def set_command(ctx: CliContext, name: str, value: str, *, equip: str | None, reason: str | None) -> None:
    """Store the setting NAME with VALUE in the database, for one machine or for all."""
    from acm_etl.admin import settings
    from acm_etl.cli.render import settings as render

    with ctx.open_store() as engine:
        # The login of the system and not of the database: a service account of the database is shared by many persons.
        change = settings.set_setting(engine, name, value, equip=equip, changed_by=find_user_name(), reason=reason)
    if not ctx.emit_json(change):
        render.print_setting_change(change)


@config_group.command("unset", epilog=UNSET_EPILOG)
@click.argument("name")
@click.option("--equip", metavar="CODE", help="Machine whose setting to remove  [default: that of all machines].")
@click.option("--reason", metavar="TEXT", help="Reason, stored in ACM_ConfigHistory.")
@click.pass_obj
def unset_command(ctx: CliContext, name: str, *, equip: str | None, reason: str | None) -> None:
    """Remove the stored setting NAME from the database, of one machine or of all."""
    from acm_etl.admin import settings
    from acm_etl.cli.render import settings as render

    with ctx.open_store() as engine:
        change = settings.unset_setting(engine, name, equip=equip, changed_by=find_user_name(), reason=reason)
    if not ctx.emit_json(change):
        render.print_setting_change(change)
