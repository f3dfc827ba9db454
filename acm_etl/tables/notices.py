"""Records of people about episodes and failures, and the messages to people about alarms."""

from __future__ import annotations

from typing import get_args

from acm_etl.results import NOTICE_EVENTS
from acm_etl.schema import Table, col
from acm_etl.tables.common import EPISODE_SEVERITIES, EQUIP_ID
from acm_etl.words import EpisodeLabel, NoteAction

# No reference to ACM_Episodes: a replay deletes and writes episodes again, and what a person wrote must survive that.
# The span of the episode is stored with the note, so that the note is found again where a replay moves the start.
EPISODE_NOTES = Table(
    "ACM_EpisodeNotes",
    "reference",
    "What people recorded about episodes: one row per acknowledgement, note or cause; rows are only added",
    (
        EQUIP_ID,
        col("StartTs", "ts3", "Start of the episode when the row was written, UTC"),
        # Random: two people who write at the same time must not replace each other's row.
        col("NoteID", "uuid", "Random number of the row"),
        col("EndTs", "ts3", "Last reading of the episode when the row was written, UTC"),
        col(
            "Action",
            "str(8)",
            "ack: somebody knows of the alarm; note: a remark; cause: why it came about",
            allowed_values=get_args(NoteAction),
        ),
        col("NoteText", "str(1000)?", "Remark or cause; NULL for an acknowledgement without words"),
        col(
            "Label",
            "str(16)?",
            "Kind of the cause, for training data; NULL unless cause",
            allowed_values=get_args(EpisodeLabel),
        ),
        col(
            "Severity",
            "str(8)",
            "Severity of the episode when the row was written; an acknowledgement holds up to it",
            allowed_values=EPISODE_SEVERITIES,
        ),
        col("CreatedAt", "ts3", "When the row was written, UTC"),
        col("CreatedBy", "str(100)", "Person who wrote it"),
    ),
    key=("EquipID", "StartTs", "NoteID"),
    foreign_keys={"EquipID": "Equipment"},
)

# History from a maintenance system, which may know a machine for longer than the store has readings of it.
FAILURES = Table(
    "ACM_Failures",
    "reference",
    "Failures of machines, imported from a maintenance system; an episode that one follows is labelled with it",
    (
        EQUIP_ID,
        col("FailedAt", "ts3", "Time of the failure, UTC"),
        col("Cause", "str(1000)?", "Cause of the failure; NULL if the file names none"),
        col("ImportedAt", "ts3", "When the row was written, UTC"),
        col("ImportedBy", "str(100)", "Person who imported it"),
    ),
    key=("EquipID", "FailedAt"),
    foreign_keys={"EquipID": "Equipment"},
)

# An outbox: a row is written in the transaction of the episode that it tells of, and sent after the commit. Its key
# keeps a replay from adding it again. Facts and no sentence, so that the wording can change.
NOTIFICATIONS = Table(
    "ACM_Notifications",
    "state",
    "Events that messages are sent about: written together with their cause, sent after the commit",
    (
        EQUIP_ID,
        col("Event", "str(20)", "Kind of event", allowed_values=NOTICE_EVENTS),
        col(
            "EventKey",
            "str(100)",
            "Start of the episode (and the severity it has risen to) or trend, newest reading, start of the window, "
            "or cause of a failure before a window",
        ),
        col("StartTs", "ts3", "Start of the episode, trend or window; newest reading of a silent feed; UTC"),
        # Volatile, as all facts below: they are those of the batch that recorded the event, whatever its size.
        col("EndTs", "ts3", "Time up to which the event was known when it was recorded, UTC", volatile=True),
        col(
            "Severity",
            "str(8)?",
            "Severity of the episode when the event was recorded",
            allowed_values=EPISODE_SEVERITIES,
            volatile=True,
        ),
        col("PeakFusedZ", "f64?", "Highest fused z of the episode when the event was recorded", volatile=True),
        col("Detail", "str(500)?", "Top sensors of the episode, or the error of the run", volatile=True),
        col("RecordedAt", "ts3", "When the event was recorded, UTC", volatile=True),
        col("Attempts", "i32", "Attempts to send a message about it", volatile=True),
        col("LastAttemptAt", "ts3?", "Time of the last attempt, UTC", volatile=True),
        col("LastError", "str(500)?", "Why the last attempt failed; NULL if it did not", volatile=True),
        col("SentTo", "str(500)?", "Targets that have accepted the message, by kind and number", volatile=True),
        col("SentAt", "ts3?", "When all targets had accepted it, UTC; NULL: still to be sent", volatile=True),
    ),
    key=("EquipID", "Event", "EventKey"),
    foreign_keys={"EquipID": "Equipment"},
)

TABLES = (EPISODE_NOTES, FAILURES, NOTIFICATIONS)
