"""Commands about episodes: list and show them, acknowledge them, add notes and causes, export labels."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from acm_etl.cli.command import AcmGroup
from acm_etl.cli.context import CliContext
from acm_etl.cli.options import FilePath, UtcDateTime, listing_format_option, machines_option
from acm_etl.host import find_user_name
from acm_etl.words import EpisodeLabel

if TYPE_CHECKING:
    from acm_etl.admin.episodes import NoteRequest

GROUP_EPILOG = """\b
Examples:
  acm-etl episode list --equip FD_FAN --open
  acm-etl episode ack FD_FAN
  acm-etl episode cause FD_FAN "bearing wear, drive end" --at 2024-05-31T06:30
"""
LIST_EPILOG = """\b
Examples:
  acm-etl episode list
  acm-etl episode list --equip FD_FAN --unacknowledged
  acm-etl episode list --format csv > episodes.csv
"""
SHOW_EPILOG = """\b
Examples:
  acm-etl episode show FD_FAN
  acm-etl episode show FD_FAN --at 2024-05-31T06:30
"""
ACK_EPILOG = """\b
Examples:
  acm-etl episode ack FD_FAN
  acm-etl episode ack FD_FAN --at 2024-05-31T06:30 --text "work order 4711" --by "Anna Berg"
"""
NOTE_EPILOG = """\b
Examples:
  acm-etl episode note FD_FAN "vibration felt at the drive end"
  acm-etl episode note FD_FAN "grease changed" --at 2024-05-31T06:30
"""
CAUSE_EPILOG = """\b
Examples:
  acm-etl episode cause FD_FAN "bearing wear, drive end"
  acm-etl episode cause FD_FAN "thermocouple loose" --label sensor --at 2024-05-31T06:30
"""
EXPORT_EPILOG = """\b
Examples:
  acm-etl episode export --output labels.csv
  acm-etl episode export --equip FD_FAN --output labels.parquet
"""
_at_option = click.option(
    "--at", type=UtcDateTime(), metavar="TIME", help="A time within the episode (UTC)  [default: the newest episode]."
)


def _name_author(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str:
    # The login of the system: the service account of a database is shared by many persons.
    return (value or "").strip() or find_user_name()


_by_option = click.option("--by", metavar="NAME", callback=_name_author, help="Who says so  [default: the login name].")


@click.group(
    "episode",
    cls=AcmGroup,
    default_command="list",
    short_help="list alarm episodes; acknowledge them, record causes",
    epilog=GROUP_EPILOG,
)
def episode_group() -> None:
    """List alarm episodes (default) and show one; acknowledge an episode, add a note or its cause.

    What is recorded stays with the episode through replays, and is never changed: a later cause replaces an earlier
    one in every output, and both stay in the history.
    """


@episode_group.command("list", epilog=LIST_EPILOG)
@machines_option
@click.option("--open", "only_open", is_flag=True, help="Only open episodes.")
@click.option("--unacknowledged", "only_new", is_flag=True, help="Only episodes that nobody has acknowledged.")
@listing_format_option
@click.pass_obj
def list_command(ctx: CliContext, *, codes: tuple[str, ...], only_open: bool, only_new: bool) -> None:
    """List episodes, newest first, with acknowledgement and cause."""
    from acm_etl.admin import episodes
    from acm_etl.cli.render import episodes as render

    with ctx.open_store() as engine:
        listing = episodes.list_episodes(engine, codes, only_open=only_open, only_new=only_new)
    rows = [episodes.flatten_episode(row) for row in listing.episodes]
    if not ctx.emit_listing(listing, rows, episodes.FLAT_COLUMNS):
        render.print_episodes(listing)


@episode_group.command("show", epilog=SHOW_EPILOG)
@click.argument("code")
@_at_option
@click.pass_obj
def show_command(ctx: CliContext, code: str, *, at: datetime | None) -> None:
    """Show an episode of machine CODE, what was recorded about it, and similar earlier episodes with their causes."""
    from acm_etl.admin import episodes
    from acm_etl.cli.render import episodes as render

    with ctx.open_store() as engine:
        record = episodes.show_episode(engine, code, at)
    if not ctx.emit_json(record):
        render.print_episode(record)


@episode_group.command("ack", epilog=ACK_EPILOG)
@click.argument("code")
@_at_option
@click.option("--text", help="Remark.")
@_by_option
@click.pass_obj
def ack_command(ctx: CliContext, code: str, *, at: datetime | None, text: str | None, by: str) -> None:
    """Acknowledge an episode of machine CODE: status and monitor then rank it behind the alarms nobody knows of.

    The acknowledgement holds up to the severity of the episode at that time: an episode that grows asks again.
    """
    from acm_etl.admin.episodes import NoteRequest

    _record_note(ctx, code, at, NoteRequest("ack", by, text))


@episode_group.command("note", epilog=NOTE_EPILOG)
@click.argument("code")
@click.argument("text")
@_at_option
@_by_option
@click.pass_obj
def note_command(ctx: CliContext, code: str, text: str, *, at: datetime | None, by: str) -> None:
    """Add the remark TEXT to an episode of machine CODE."""
    from acm_etl.admin.episodes import NoteRequest

    _record_note(ctx, code, at, NoteRequest("note", by, text))


@episode_group.command("cause", epilog=CAUSE_EPILOG)
@click.argument("code")
@click.argument("text")
@click.option(
    "--label", type=click.Choice(get_args(EpisodeLabel)), default="fault", show_default=True, help="Kind of the cause."
)
@_at_option
@_by_option
@click.pass_obj
def cause_command(ctx: CliContext, code: str, text: str, *, label: EpisodeLabel, at: datetime | None, by: str) -> None:
    """Close the case of an episode of machine CODE with its cause TEXT; this acknowledges it, too.

    An open episode stays open until readings end it.
    """
    from acm_etl.admin.episodes import NoteRequest

    _record_note(ctx, code, at, NoteRequest("cause", by, text, label))


@episode_group.command("export", epilog=EXPORT_EPILOG)
@machines_option
@click.option("--output", required=True, type=FilePath(), metavar="FILE.csv|FILE.parquet", help="File.")
@click.pass_obj
def export_command(ctx: CliContext, *, codes: tuple[str, ...], output: Path) -> None:
    """Write the episodes with a cause to a file, as labels for training: machine, start, end, label, cause."""
    from acm_etl.admin import episodes
    from acm_etl.cli.render import episodes as render

    with ctx.open_store() as engine:
        result = episodes.export_labels(engine, output, codes)
    if not ctx.emit_json(result):
        render.print_label_export(result)


def _record_note(ctx: CliContext, code: str, at: datetime | None, request: NoteRequest) -> None:
    from acm_etl.admin import episodes
    from acm_etl.cli.render import episodes as render

    with ctx.open_store() as engine:
        record = episodes.record_note(engine, code, request, at)
    if not ctx.emit_json(record):
        render.print_episode(record)
