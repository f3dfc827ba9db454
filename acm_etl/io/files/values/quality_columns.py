"""Quality columns of a file, found by name and content, and the value columns they belong to."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from acm_etl.host import quote_word
from acm_etl.io.files.column_names import simplify_name
from acm_etl.io.files.values.quality import (
    QualityScheme,
    count_unknown_texts,
    detect_quality_scheme,
    holds_logger_letters,
    holds_quality_texts,
    read_codes,
)

_STRONG_WORDS = (
    r"(?:opc|data|value|var|sample|tag|pi|i)?[ .]?"
    r"(?:quality|qualität|qualité|calidad|qualità|qualidade|kwaliteit|jakość|kvalita|kvalitet|laatu|качество|kalite|calitate|minőség|品質|품질)"
    r"(?:[ .]?(?:code|detail|flag|status|id|bits|desc|description|text|level))?"
    r"|data ?integrity|qual|validity|var ?validity|validité|gültigkeit|is ?valid|is ?good|is ?bad|is ?questionable"
    r"|questionable|substituted|confidence"
    r"|qartod(?:[ .]?flag)?|qc(?:[ .]?flag)?|qa[ ./]?qc|status ?code|opc ?status"
)
# These words also name the state of a machine or a flow: the cells must prove that the column is a quality.
_WEAK_WORDS = r"q|质量|status|flag|flags|valid|good|bad|qa|qs|qds|st"
_WORDS = rf"(?P<word>{_STRONG_WORDS}|{_WEAK_WORDS})"
_SEPARATOR = r"[ .:/|@#(\[\-]+"
_SEPARATOR_CHARACTERS = " .:/|@#([-"
_SHOWN_TEXTS = 5
_WHOLE_NAME = re.compile(rf"{_WORDS}(?: \(\d+\))?")
_NAME_WITH_SUFFIX = re.compile(rf"(?P<base>.+?){_SEPARATOR}{_WORDS}[)\]]?")
_NAME_WITH_PREFIX = re.compile(rf"{_WORDS}{_SEPARATOR}(?P<base>.+?)[)\]]?")
# Columns beside the status of FactoryTalk View and RSView, whose single letters mean other things elsewhere.
_LOGGER_NAMES = frozenset({"marker", "millitm"})
# Without a separator only long words: a tag that ends in q or st would otherwise be a quality.
_GLUED_NAME = re.compile(r"(?P<base>.+?)(?P<word>quality|validity|statuscode|status)")
_VALUE_SUFFIX = re.compile(rf"{_SEPARATOR}(?:value|val|v|pv|cv|wert|valeur|numericvalue|average|avg|mean)[)\]]?$")
_STRONG = re.compile(_STRONG_WORDS)
# The first scheme of a value column that has several quality columns wins: the most detailed one first.
_RANK: tuple[QualityScheme, ...] = (
    "opc", "opc_ua", "ignition", "fieldbus", "text", "logger", "percent", "good_flag", "aveva", "bad_flag", "qartod",
    "uncertain_flag", "unknown",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class QualityUse:
    """Quality column of a value.

    Attributes:
        column: Name in the file.
        scheme: How its cells write quality.
    """

    column: str
    scheme: QualityScheme


@dataclass(frozen=True, slots=True)
class QualityColumn:
    """One quality column.

    Attributes:
        name: Name of the column.
        scheme: How its cells write quality.
        value_columns: Columns whose values it describes; empty when another quality column describes them better.
    """

    name: str
    scheme: QualityScheme
    value_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QualityColumns:
    """Quality columns of one file. None of them is a tag.

    Attributes:
        columns: The columns, in file order.
        doubts: Sentences for the user, one per column whose name and content disagree.
        rejected_names: Columns that are named like quality, but whose cells hold none.
    """

    columns: tuple[QualityColumn, ...] = ()
    doubts: tuple[str, ...] = ()
    rejected_names: frozenset[str] = frozenset()

    def map_values(self) -> dict[str, QualityUse]:
        """Return the quality column of each value column that has a usable one."""
        usable = [column for column in self.columns if column.scheme != "unknown"]
        return {value: QualityUse(c.name, c.scheme) for c in usable for value in c.value_columns}


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A column named like a quality: ``base`` is the value column it names, None for all values of the row."""

    name: str
    word: str
    base: str | None

    @property
    def is_strong(self) -> bool:
        return _STRONG.fullmatch(self.word) is not None


def find_quality_columns(columns: Sequence[str], samples: Mapping[str, pl.Series]) -> QualityColumns:
    """Find the quality columns of a file.

    Args:
        columns: Columns in file order, without the columns of time and of tag names.
        samples: Cells of each column; the more rows, the surer the scheme.

    Returns:
        The quality columns, with the value columns that each describes.
    """
    bases = _list_bases(columns)
    candidates = [candidate for name in columns if (candidate := _read_name(name, bases))]
    candidates += _find_by_cells(columns, samples, bases, known={candidate.name for candidate in candidates})
    schemes: dict[str, QualityScheme] = {}
    # Of a status behind every value some columns may never say anything but OK, which proves no quality by itself.
    repeated = _find_repeated_words(candidates)
    doubts = []
    for candidate in candidates:
        scheme = _detect_scheme(candidate, columns, samples[candidate.name], is_repeated=candidate.word in repeated)
        if scheme:
            schemes[candidate.name] = scheme
        # Name and cells disagree: either reading can be wrong, so a person is told in both cases.
        if scheme in (None, "unknown"):
            doubts.append(_describe_doubt(candidate, samples[candidate.name], is_tag=scheme is None))
        elif scheme == "text":
            doubts += _doubt_texts(candidate.name, samples[candidate.name])
    found = [candidate for candidate in candidates if candidate.name in schemes]
    owners = _assign_values(columns, found, schemes, bases=bases, repeated=repeated)
    return QualityColumns(
        tuple(
            QualityColumn(c.name, schemes[c.name], tuple(v for v in columns if owners.get(v) == c.name)) for c in found
        ),
        tuple(doubts),
        frozenset(candidate.name for candidate in candidates if candidate.name not in schemes),
    )


def _find_by_cells(
    columns: Sequence[str], samples: Mapping[str, pl.Series], bases: Mapping[str, list[str]], known: Collection[str]
) -> list[_Candidate]:
    """Return the columns of other names whose cells are Good, Bad and their like: IP_TREND_QLEVEL, TI-101 Stat."""
    found = [name for name in columns if name not in known and holds_quality_texts(samples[name])]
    return [_Candidate(name, "quality", _find_base(name, bases, exclude=found)) for name in found]


def _find_base(name: str, bases: Mapping[str, list[str]], exclude: Collection[str]) -> str | None:
    """Return the longest name of a value column with which the name of a quality column begins."""
    normal = _normalise_name(name)
    fitting = [
        base
        for base, values in bases.items()
        if normal.startswith(base) and normal[len(base) :][:1] in _SEPARATOR_CHARACTERS and not {*values} <= {*exclude}
    ]
    return max(fitting, key=len, default=None)


def _doubt_texts(name: str, cells: pl.Series) -> list[str]:
    """Return a doubt about texts of a quality column that the import does not know; their values are kept."""
    unknown = count_unknown_texts(cells)
    if not unknown:
        return []
    shown = ", ".join([*unknown][:_SHOWN_TEXTS])
    return [
        f"{name} has {sum(unknown.values()):,} cells that are neither good nor bad ({shown}); their values are kept"
    ]


def _detect_scheme(
    candidate: _Candidate, columns: Sequence[str], cells: pl.Series, *, is_repeated: bool
) -> QualityScheme | None:
    is_logger = any(simplify_name(name) in _LOGGER_NAMES for name in columns)
    if is_logger and candidate.word == "status" and holds_logger_letters(cells):
        return "logger"
    # Texts behind every value are its status; numbers called Q may be flows.
    is_status = is_repeated and bool(read_codes(cells.drop_nulls()).null_count())
    return detect_quality_scheme(candidate.word, cells, is_strong=candidate.is_strong or is_status)


def _describe_doubt(candidate: _Candidate, cells: pl.Series, *, is_tag: bool) -> str:
    name = candidate.name
    shown = ", ".join(str(cell) for cell in cells.drop_nulls().unique(maintain_order=True).head(5).to_list())
    if is_tag:
        text = f"{name} is named like a quality column, but its cells ({shown}) do not hold quality; not used as one"
        # The option is about all values of a row, so it does not settle a column that names its value.
        scheme = detect_quality_scheme(candidate.word, cells, is_strong=True) if candidate.base is None else None
        return text if scheme in (None, "unknown") else f"{text}. If it is one: --quality-column {quote_word(name)}"
    return f"{name} is a quality column, but its cells ({shown or 'all empty'}) do not tell good from bad; not used"


def _normalise_name(name: str) -> str:
    # Exporters write blanks, underscores and case as they like; the parts of a name stay.
    return " ".join(name.casefold().replace("_", " ").split())


def _list_bases(columns: Sequence[str]) -> dict[str, list[str]]:
    """Return the columns by normalised name, with and without a suffix such as ``.Value``."""
    bases: dict[str, list[str]] = {}
    for name in columns:
        normal = _normalise_name(name)
        # WinCC and Ignition write A.Value beside A.Quality; other exports write A beside A.Quality.
        for base in dict.fromkeys((normal, _VALUE_SUFFIX.sub("", normal))):
            bases.setdefault(base, []).append(name)
    return bases


def _read_name(name: str, bases: Mapping[str, list[str]]) -> _Candidate | None:
    normal = _normalise_name(name)
    for pattern in (_NAME_WITH_SUFFIX, _NAME_WITH_PREFIX, _GLUED_NAME):
        match = pattern.fullmatch(normal)
        # A tag may end in Q or Status by itself: only a value column of that name makes it a quality.
        if match and match["base"].rstrip() in bases:
            return _Candidate(name, match["word"], match["base"].rstrip())
    match = _WHOLE_NAME.fullmatch(normal)
    return _Candidate(name, match["word"], None) if match else None


def _assign_values(
    columns: Sequence[str],
    candidates: Sequence[_Candidate],
    schemes: Mapping[str, QualityScheme],
    *,
    bases: Mapping[str, list[str]],
    repeated: Collection[str],
) -> dict[str, str]:
    """Return the quality column of each value column."""
    values = [name for name in columns if name not in schemes]
    owners: dict[str, str] = {}
    # A quality named after its value comes before one for the whole row.
    ranked = sorted(candidates, key=lambda c: (c.base is None, _RANK.index(schemes[c.name])))
    for candidate in ranked:
        if candidate.base is not None:
            described = [name for name in bases[candidate.base] if name in values]
        elif candidate.word in repeated:
            described = _find_preceding_value(columns, candidate.name, values)
        else:
            described = values
        for name in described:
            # The first one stays: the candidates come in the order of their rank.
            owners.setdefault(name, candidate.name)
    return owners


def _find_repeated_words(candidates: Sequence[_Candidate]) -> set[str]:
    words = [candidate.word for candidate in candidates if candidate.base is None]
    return {word for word in words if words.count(word) > 1}


def _find_preceding_value(columns: Sequence[str], name: str, values: Sequence[str]) -> list[str]:
    """Return the value column before a quality column; exports in pairs repeat "Quality" behind every value."""
    before = [column for column in columns[: columns.index(name)] if column in values]
    # Empty for a quality column in front of all values: it describes none of them for sure.
    return before[-1:]
