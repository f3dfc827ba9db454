"""Decimal mark and thousands mark of a column, from the notations of its cells."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from acm_etl.io.files.values.number_summary import NumberSummary
from acm_etl.io.files.values.number_text import Notation
from acm_etl.io.files.values.value_profile import ValueProfile

_NEAR_DECADES = 1.0  # readings of one tag within a factor of ten
_THOUSAND_DECADES = 3.0


@dataclass(frozen=True, slots=True)
class NumberMarks:
    """Notation of the numbers of a column.

    Attributes:
        decimal_mark: ``"."``, ``","``, or ``".,"`` when the column has both, one per cell.
        thousands_mark: Mark between groups of three digits; empty when the column has none.
        is_proven: False when a single group of three digits has two readings and no cell of the column decides.
        group_count: Cells with such a group.
        group_is_thousands: Reading of these cells.
    """

    decimal_mark: str
    thousands_mark: str
    is_proven: bool
    group_count: int
    group_is_thousands: bool


@dataclass(frozen=True, slots=True)
class _Mark:
    """A comma or a point, and the notations that tell whether it is a decimal mark or divides thousands.

    Attributes:
        character: The mark.
        decimals: Notations in which it is the decimal mark, first the one without thousands.
        thousands: Notation in which it divides thousands.
    """

    character: str
    decimals: tuple[Notation, Notation]
    thousands: Notation

    @property
    def other_mark(self) -> _Mark:
        return _POINT if self is _COMMA else _COMMA

    def get_groups(self, profile: ValueProfile) -> NumberSummary:
        """Return the numbers of a column with a single group of three digits behind the mark."""
        return profile.comma_groups if self is _COMMA else profile.point_groups

    def count_decimals(self, profile: ValueProfile) -> int:
        return sum(profile.notations[notation] for notation in self.decimals)

    def is_proven(self, profile: ValueProfile) -> bool:
        """Return whether cells of the column say what the mark is."""
        return bool(self.count_decimals(profile) or profile.notations[self.thousands])

    def prefers_thousands(self, profile: ValueProfile) -> bool:
        """Return whether more cells of the column have the mark between thousands than as the decimal mark."""
        return profile.notations[self.thousands] > self.count_decimals(profile)


# 1.234,5 has a decimal comma and thousands with points.
_COMMA = _Mark(",", (Notation.COMMA_DECIMAL, Notation.POINT_THOUSANDS), Notation.COMMA_THOUSANDS)
_POINT = _Mark(".", (Notation.POINT_DECIMAL, Notation.COMMA_THOUSANDS), Notation.POINT_THOUSANDS)


def find_decimal_mark(profiles: Collection[ValueProfile], delimiter: str = "") -> str | None:
    """Return the decimal mark of the columns of one file, or None.

    Args:
        profiles: Profiles of all value columns of the file.
        delimiter: Delimiter of the file; empty when the file has none.

    Returns:
        ``"."`` or ``","``; None when no column proves one, or as many cells prove the other.
    """
    points, commas = (sum(map(mark.count_decimals, profiles)) for mark in (_POINT, _COMMA))
    # Columns of one file may come from different systems: the majority is a custom, a tie is none.
    if points != commas:
        return "." if points > commas else ","
    # 1.480 in one column and 3,125 in another: one of the marks is for thousands, and the delimiter tells which.
    has_both = any(p.comma_groups.count for p in profiles) and any(p.point_groups.count for p in profiles)
    if not has_both or not delimiter:
        return None
    return "." if _is_custom_comma_thousands(delimiter) else ","


def decide_marks(profile: ValueProfile, *, file_mark: str | None, delimiter: str) -> NumberMarks:
    """Decide the reading of groups of three digits, and name the marks of a column.

    The cells of the column decide first, then the decimal mark that other columns of the file prove, then the size of
    the numbers beside the groups, last the custom of files with this delimiter.

    Args:
        profile: Profile of the column.
        file_mark: Decimal mark that the file proves, if any.
        delimiter: Delimiter of the file; empty when the file has none.

    Returns:
        The marks of the column.
    """
    comma, point = (_decide_groups(profile, mark, file_mark) for mark in (_COMMA, _POINT))
    # Without any proof 1.234 stays a decimal: most files have a decimal point, and three digits are common.
    comma_is_thousands = comma if comma is not None else _is_custom_comma_thousands(delimiter)
    has_comma_groups, has_point_groups = profile.comma_groups.count > 0, profile.point_groups.count > 0
    thousands = (has_comma_groups and comma_is_thousands, has_point_groups and bool(point))
    # Files with semicolons often have decimal commas, and then 1.234 has thousands.
    is_open = point is None and delimiter == ";" and profile.point_groups.count == profile.number_count
    is_doubtful = (has_comma_groups and not _proves_comma_groups(profile, file_mark)) or (
        (has_point_groups and is_open) or (thousands[1] and not profile.notations[Notation.POINT_THOUSANDS])
    )
    return NumberMarks(
        decimal_mark=_name_decimal_marks(profile, thousands, file_mark),
        thousands_mark=_name_thousands_mark(profile, thousands),
        is_proven=not is_doubtful,
        group_count=profile.comma_groups.count if has_comma_groups else profile.point_groups.count,
        group_is_thousands=any(thousands),
    )


def scale_groups(profile: ValueProfile, thousands_mark: str) -> NumberSummary:
    """Return the summary of all numbers of a column, groups with the thousands mark times 1000."""
    comma = profile.comma_groups.scale(1000.0) if "," in thousands_mark else profile.comma_groups
    point = profile.point_groups.scale(1000.0) if "." in thousands_mark else profile.point_groups
    return profile.clear.merge(comma).merge(point)


def _decide_groups(profile: ValueProfile, mark: _Mark, file_mark: str | None) -> bool | None:
    """Return True when ``1,234`` is 1234, False when it is a decimal, None when nothing tells; likewise for a point."""
    if mark.is_proven(profile):
        return mark.prefers_thousands(profile)
    by_size = _compare_sizes(mark.get_groups(profile), profile.clear)
    if profile.notations[mark.other_mark.decimals[0]]:
        # 999.5 beside 1,000 has thousands; 10.3 beside 10,123 has two decimal marks.
        return True if by_size is None else by_size
    if file_mark is not None:
        return file_mark != mark.character
    return by_size


def _compare_sizes(groups: NumberSummary, others: NumberSummary) -> bool | None:
    """Return True when the groups as thousands are as large as the other numbers, False when as decimals, or None."""
    if groups.magnitude is None or others.magnitude is None:
        return None
    # Means of logarithms differ by three decades between the two readings, far more than readings of one tag vary.
    as_decimal = abs(groups.magnitude - others.magnitude)
    as_thousands = abs(groups.magnitude + _THOUSAND_DECADES - others.magnitude)
    return as_thousands < as_decimal if min(as_decimal, as_thousands) < _NEAR_DECADES else None


def _is_custom_comma_thousands(delimiter: str) -> bool:
    # A cell of a comma file is quoted because of its comma, as spreadsheets with English settings do with 1,234.
    return delimiter == ","


def _proves_comma_groups(profile: ValueProfile, file_mark: str | None) -> bool:
    """Tell whether cells of the column, or else of the file, prove what ``1,234`` is."""
    if not _COMMA.is_proven(profile):
        return file_mark is not None
    return not (profile.notations[Notation.COMMA_DECIMAL] and profile.notations[Notation.COMMA_THOUSANDS])


def _name_decimal_marks(profile: ValueProfile, thousands: tuple[bool, bool], file_mark: str | None) -> str:
    comma_is_thousands, point_is_thousands = thousands
    is_decimal = {
        mark: mark.count_decimals(profile) or (mark.get_groups(profile).count and not is_thousands)
        for mark, is_thousands in ((_POINT, point_is_thousands), (_COMMA, comma_is_thousands))
    }
    return "".join(mark.character for mark, found in is_decimal.items() if found) or file_mark or "."


def _name_thousands_mark(profile: ValueProfile, thousands: tuple[bool, bool]) -> str:
    groups = ("," if thousands[0] else "") + ("." if thousands[1] else "")
    # Sorted first: of equal counts max takes the first, and a Counter has the order of the file.
    proven = max(sorted(profile.thousands), key=lambda mark: profile.thousands[mark], default="")
    # Pass 2 scales single groups with this mark, so a column that mostly uses the mark for decimals must not name it.
    is_decimal = any(proven == mark.character and not mark.prefers_thousands(profile) for mark in (_COMMA, _POINT))
    # Groups come first: their reading was decided, and pass 2 scales them by this mark.
    return groups or ("" if is_decimal else proven)
