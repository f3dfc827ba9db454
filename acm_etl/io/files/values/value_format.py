"""Decision about one tag column: how its cells become numbers, or why the column is left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from acm_etl.io.files.values.decimal_marks import decide_marks, scale_groups
from acm_etl.io.files.values.number_summary import NumberSummary
from acm_etl.io.files.values.states import (
    INFINITE_TEXTS,
    NAN_TEXTS,
    find_digital_states,
    find_digital_words,
    means_no_value,
    normalise_text,
    proves_switch,
)
from acm_etl.io.files.values.units import describe_units, find_unit
from acm_etl.io.files.values.value_profile import ValueProfile, rank_texts
from acm_etl.words import TagKind

LeftOutReason = Literal[
    "empty", "no_values", "label", "constant_text", "record_number", "mixed_units", "not_numeric", "excluded"
]  # fmt: skip

_SHOWN_VALUES = 5
MIN_RECORD_STEPS = 50
"""Steps of exactly one, from which on a column without a telling name may be a record number."""
_RECORD_NAME = re.compile(
    r"(?:|#|index|idx|uid|(?:[a-z]+ )?id|rowid|rec(?:ord)?(?: ?(?:no|nr|number|id))?|rn|row|row ?(?:no|nr|num|number)"
    r"|no|nr|num(?:ber)?|seq(?:uence)?(?: ?(?:no|nr|number))?|s ?no|sl ?no|lfd ?nr|zeile|ligne"
    r"|unnamed ?\d+|column ?\d+|level ?0)"
)


_CONTROL_TAG = re.compile(r"\$RT_[A-Z_]+\$")  # WinCC marks its starts and stops among the readings


@dataclass(frozen=True, slots=True)
class ValueFormat:
    """Reading of one column; simple fields that a plan file can hold.

    Attributes:
        kind: Measured values, states, or a counter that only increases.
        decimal_mark: ``"."``, ``","``, or ``".,"`` when cells with either mark occur.
        thousands_mark: Mark between groups of three digits; empty when there is none.
        unit: Text behind every number; empty when there is none.
        states: Casefolded text and its number, for digital tags.
        missing: Numbers that mean a missing value.
    """

    kind: TagKind = "analog"
    decimal_mark: str = "."
    thousands_mark: str = ""
    unit: str = ""
    states: tuple[tuple[str, float], ...] = ()
    missing: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOutColumn:
    """A column that is not a tag.

    Attributes:
        name: Name of the column.
        reason: Why.
        count: Cells that are not taken.
        samples: At most five distinct values, the most frequent first.
    """

    name: str
    reason: LeftOutReason
    count: int
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormatContext:
    """Facts from the file and the user that hold for every column.

    Attributes:
        file_mark: Decimal mark that the file proves, see ``find_decimal_mark``.
        delimiter: Delimiter of a text file.
        missing: Numbers that the user names as missing.
    """

    file_mark: str | None = None
    delimiter: str = ""
    missing: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class _Texts:
    """Texts of a column by meaning, with their counts."""

    digital: Mapping[str, float] | None
    unknown: Counter[str]
    unknown_count: int


def decide_format(profile: ValueProfile, *, context: FormatContext | None = None) -> ValueFormat | LeftOutColumn:
    """Decide how the cells of a column become numbers.

    Args:
        profile: Profile of the column over all rows.
        context: Facts from outside the column.

    Returns:
        The reading, or the reason why the column is left out.
    """
    context = context or FormatContext()
    if _CONTROL_TAG.fullmatch(profile.name):
        return _leave_out(profile, "record_number", (profile.first_cell or "",))
    texts = _sort_texts(profile)
    if profile.number_count == 0:
        return _decide_words(profile, texts, context)
    # Numbers other than 0 and 1 make the words states of a measured value: "Off" in a column of speeds is not a value.
    if texts.digital and profile.clear.count == profile.number_count and profile.clear.has_only_states():
        return ValueFormat("digital", states=tuple(texts.digital.items()), missing=context.missing)
    return _find_obstacle(profile, texts) or _decide_numbers(profile, context)


def _find_obstacle(profile: ValueProfile, texts: _Texts) -> LeftOutColumn | None:
    """Return why a column with numbers is not a tag, or None."""
    if profile.foreign_type:
        return _leave_out(profile, "not_numeric", (profile.foreign_type,))
    # A few numbers among names (M12, 5, K7) are names as well.
    if texts.unknown_count > profile.number_count:
        return _leave_out(profile, "label", rank_texts(texts.unknown))
    if find_unit(profile) is None:
        units = describe_units(profile)
        # Key codes such as 3f2a and dates such as 12 Jan look like numbers with many units.
        return _leave_out(profile, "mixed_units" if len(units) <= _SHOWN_VALUES else "label", units)
    if _is_record_number(profile):
        return _leave_out(profile, "record_number", (profile.first_cell or "", profile.last_cell or ""))
    return None


def _leave_out(profile: ValueProfile, reason: LeftOutReason, samples: tuple[str, ...]) -> LeftOutColumn:
    return LeftOutColumn(profile.name, reason, profile.cell_count, samples[:_SHOWN_VALUES])


def _sort_texts(profile: ValueProfile) -> _Texts:
    """Tell digital states and texts that mean no value from other texts."""
    # "Offline" is a state of PI that means no value, and one half of Online/Offline: the whole column decides.
    digital = find_digital_states(profile.texts)
    if digital is not None and (profile.clear.count or proves_switch(digital)):
        return _Texts(digital, Counter(), profile.other_text_count)
    known = NAN_TEXTS | INFINITE_TEXTS
    others = {t: n for t, n in profile.texts.items() if not means_no_value(t) and normalise_text(t) not in known}
    # A stray text does not undo the words that are known.
    digital = find_digital_states(find_digital_words(others)) or {}
    unknown = Counter({t: n for t, n in others.items() if normalise_text(t) not in digital})
    unknown_count = unknown.total() + profile.other_text_count
    state_count = sum(others.values()) - unknown.total() + profile.clear.count
    if unknown_count > state_count or not (profile.clear.count or proves_switch(digital)):
        return _Texts(None, Counter(others), sum(others.values()) + profile.other_text_count)
    return _Texts(digital or None, unknown, unknown_count)


def _decide_words(profile: ValueProfile, texts: _Texts, context: FormatContext) -> ValueFormat | LeftOutColumn:
    """Decide about a column without a number."""
    if profile.foreign_type:
        return _leave_out(profile, "not_numeric", (profile.foreign_type,))
    if texts.digital:
        return ValueFormat("digital", states=tuple(texts.digital.items()), missing=context.missing)
    if not texts.unknown_count and (profile.nan_count or profile.infinite_count):
        # NaN is what a program writes for a number that it does not have: another file may have the number.
        return ValueFormat(missing=context.missing)
    if not texts.unknown_count:
        has_cells = profile.cell_count > 0
        return _leave_out(profile, "no_values" if has_cells else "empty", rank_texts(profile.texts))
    # Two unknown words might be a switch, but nothing says which of them is 1.
    is_constant = len(texts.unknown) == 1 and not profile.other_text_count
    return _leave_out(profile, "constant_text" if is_constant else "label", rank_texts(texts.unknown))


def _decide_numbers(profile: ValueProfile, context: FormatContext) -> ValueFormat:
    marks = decide_marks(profile, file_mark=context.file_mark, delimiter=context.delimiter)
    numbers = scale_groups(profile, marks.thousands_mark)
    return ValueFormat(
        kind=_decide_kind(profile, numbers),
        decimal_mark=marks.decimal_mark,
        thousands_mark=marks.thousands_mark,
        unit=find_unit(profile) or "",
        # Booleans of Parquet come as numbers; the words only show what 0 and 1 mean.
        states=(("false", 0.0), ("true", 1.0)) if profile.is_boolean else (),
        missing=context.missing,
    )


def _decide_kind(profile: ValueProfile, numbers: NumberSummary) -> TagKind:
    if profile.is_boolean or numbers.is_binary:
        return "digital"
    # A counter below 0 is a position or a balance.
    core = numbers.core
    return "counter" if profile.trend.counts_up() and core is not None and core[0] >= 0 else "analog"


def _is_record_number(profile: ValueProfile) -> bool:
    """Tell a number of the row from a measured value: by its name and steps, or by its steps alone."""
    if not profile.clear.is_whole or profile.texts or profile.units or profile.is_boolean:
        return False
    name = " ".join(re.sub(r"[_.:\-]+", " ", profile.name.casefold()).split())
    # The name alone proves nothing: NO may be nitric oxide, and Index a price.
    if _RECORD_NAME.fullmatch(name):
        return profile.trend.is_strictly_monotone()
    # Operating hours in hourly rows also grow by one, but hardly from 0 or 1 on.
    starts_anew = profile.trend.first in (0.0, 1.0)
    return starts_anew and profile.trend.steps >= MIN_RECORD_STEPS and profile.trend.steps_by_one()
