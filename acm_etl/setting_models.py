"""Base of the sections of settings, and the section ``[notify]``."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from acm_etl import setting_sources
from acm_etl.results import NOTICE_EVENTS, NoticeEvent

Duration = Annotated[timedelta, BeforeValidator(setting_sources.parse_duration)]
# Longer than any history: a time that is computed from a longer period may lie beyond the calendar.
_MAX_DAYS = 400_000
Period = Annotated[Duration, AfterValidator(partial(setting_sources.require_at_most, days=_MAX_DAYS))]
Days = Annotated[float, Field(le=_MAX_DAYS)]
WholeDays = Annotated[int, Field(le=_MAX_DAYS)]
Hours = Annotated[float, Field(le=24 * _MAX_DAYS)]
RowCount = Annotated[int, Field(le=1_000_000_000)]


class FrozenModel(BaseModel):
    """Base of all sections: frozen, without unknown names."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, protected_namespaces=())

    def list_defaults(self, *names: str) -> set[str]:
        """Return those of some settings that have their default.

        A signature omits such a setting if it is younger than the first stores, which then need no replay.
        """
        return {name for name in names if getattr(self, name) == type(self).model_fields[name].default}


class NotifySettings(FrozenModel):
    """Messages about alarms; the addresses are secrets and stand in the variable ACM_NOTIFY_URLS only."""

    # Off by default, and not by a missing address: events of a store without messages are not recorded at all.
    enabled: bool = Field(default=False, description="Record events and send messages; targets: ACM_NOTIFY_URLS")
    events: list[NoticeEvent] = Field([*NOTICE_EVENTS], description="Events to send messages about")
    max_age: Duration = Field(
        timedelta(days=2), description="Older events (a first backfill, a replay) are summed up in one message"
    )
    quiet_hours: str = Field(
        "",
        pattern=r"^(([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)?$",
        description="Local time without messages, e.g. 22:00-06:00; the next run sends one message about it",
    )
    max_messages: int = Field(10, ge=1, le=1000, description="Messages per run; further events are summed up in one")
