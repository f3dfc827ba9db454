"""Records of people about episodes: acknowledgements, notes and causes."""

from __future__ import annotations

from acm_etl.schema import Table, col
from acm_etl.tables.common import EPISODE_LABELS, EPISODE_SEVERITIES, EQUIP_ID, NOTE_ACTIONS

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
            allowed_values=NOTE_ACTIONS,
        ),
        col("NoteText", "str(1000)?", "Remark or cause; NULL for an acknowledgement without words"),
        col(
            "Label",
            "str(16)?",
            "Kind of the cause, for training data; NULL unless cause",
            allowed_values=EPISODE_LABELS,
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

TABLES = (EPISODE_NOTES,)
