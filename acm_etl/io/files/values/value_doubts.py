"""Decisions about a column that its cells do not prove, as sentences for the user to confirm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from acm_etl.host import quote_word
from acm_etl.io.files.values.decimal_marks import NumberMarks, decide_marks, scale_groups
from acm_etl.io.files.values.number_summary import NumberSummary
from acm_etl.io.files.values.number_text import Notation
from acm_etl.io.files.values.sentinels import find_sentinels
from acm_etl.io.files.values.units import count_units, find_unit
from acm_etl.io.files.values.value_format import MIN_RECORD_STEPS, FormatContext, ValueFormat
from acm_etl.io.files.values.value_profile import ValueProfile

DoubtCode = Literal["sentinel", "thousands", "unit", "record_number", "several_marks"]


@dataclass(frozen=True, slots=True)
class ValueDoubt:
    """A decision that the file does not prove.

    Attributes:
        code: Kind of doubt.
        count: Cells concerned.
        text: Sentence for the user, with the option that settles the doubt where there is one.
    """

    code: DoubtCode
    count: int
    text: str


def list_doubts(
    profile: ValueProfile, fmt: ValueFormat, *, context: FormatContext | None = None
) -> tuple[ValueDoubt, ...]:
    """Return what a person should confirm about a column.

    Args:
        profile: Profile of the column.
        fmt: Reading that was decided for the column.
        context: Facts from outside the column, the same as for the decision.
    """
    context = context or FormatContext()
    # The format holds only the marks; how well they are proven follows from the same profile again.
    marks = decide_marks(profile, file_mark=context.file_mark, delimiter=context.delimiter)
    return (
        *_doubt_sentinels(profile.name, scale_groups(profile, fmt.thousands_mark), context),
        *_doubt_marks(profile, marks),
        *_doubt_unit(profile),
        *_doubt_record_number(profile),
    )


def _doubt_sentinels(name: str, numbers: NumberSummary, context: FormatContext) -> list[ValueDoubt]:
    # Values that the user has named as missing are known, so they raise no doubt.
    found = find_sentinels(numbers.far_counts, numbers.core, total=numbers.count, known=context.missing)
    return [
        ValueDoubt(
            "sentinel",
            s.count,
            f"{_format_number(s.value)} occurs {s.count:,} times in {name}, far {'below' if s.is_below else 'above'} "
            f"all other values; if it means missing: --missing {_format_number(s.value)}",
        )
        for s in found
    ]


def _doubt_marks(profile: ValueProfile, marks: NumberMarks) -> list[ValueDoubt]:
    doubts = []
    name, total = profile.name, profile.number_count
    # Reading both marks is right for each cell, but a person should know that two systems wrote the column.
    if marks.decimal_mark == ".,":
        commas = profile.notations[Notation.COMMA_DECIMAL] + profile.notations[Notation.COMMA_GROUP]
        text = f"{name}: decimal comma in {commas:,} of {total:,} numbers, decimal point in others; both are read"
        doubts.append(ValueDoubt("several_marks", commas, text))
    if not marks.is_proven:
        groups, reading = marks.group_count, "thousands" if marks.group_is_thousands else "decimals"
        text = f"{name}: one group of three digits, as in 1,234 or 1.234, in {groups:,} of {total:,} numbers"
        remedy = "if that is wrong, export the numbers without thousands marks"
        doubts.append(ValueDoubt("thousands", groups, f"{text}; read as {reading}; {remedy}"))
    return doubts


def _doubt_unit(profile: ValueProfile) -> list[ValueDoubt]:
    unit, total = find_unit(profile), profile.number_count
    with_unit = count_units(profile).total()
    bare = total - with_unit
    if not with_unit or (unit and not bare):
        return []
    # Bare numbers are taken under the unit that the other cells prove.
    if unit:
        return [
            ValueDoubt("unit", bare, f"{profile.name}: no unit behind {bare:,} of {total:,} numbers; read as {unit}")
        ]
    text = f"{profile.name}: a unit behind {with_unit:,} of {total:,} numbers; these cells are not taken"
    return [ValueDoubt("unit", with_unit, text)]


def _doubt_record_number(profile: ValueProfile) -> list[ValueDoubt]:
    # A record number without a telling name that does not start at 0 or 1 is kept as a tag; a person can tell.
    if not (profile.trend.steps >= MIN_RECORD_STEPS and profile.trend.steps_by_one()):
        return []
    exclude = f"--exclude {quote_word(profile.name)}"
    text = f"{profile.name} changes by exactly 1 in each row; if it numbers the rows: {exclude}"
    return [ValueDoubt("record_number", profile.number_count, text)]


def _format_number(value: float) -> str:
    """Return the shortest text of a number, without the point of an integer."""
    # The text is pasted behind --missing, so it must read back to the same float.
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
