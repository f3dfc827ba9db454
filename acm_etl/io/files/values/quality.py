"""Quality of a reading, as historians and OPC servers export it: what a quality cell says about its value."""

from __future__ import annotations

import re
from typing import Literal

import polars as pl

from acm_etl.io.files.values.states import means_no_value, normalise_text

QualityScheme = Literal[
    "text", "opc", "opc_ua", "ignition", "fieldbus", "logger", "percent", "good_flag", "bad_flag", "uncertain_flag",
    "aveva", "qartod", "unknown",
]  # fmt: skip
"""Spelling of quality in a column.

- ``text``: Good, Bad, Uncertain and their like; ``opc``: OPC Classic, 192 is good; ``opc_ua``: status code, 0 is good.
- ``fieldbus``: status byte of FOUNDATION Fieldbus and PROFIBUS PA, 128 and 192 are good.
- ``ignition``: codes of OPC Classic, and those of Ignition itself from 256 on, which are bad: 500 is stale.
- ``logger``: letters of FactoryTalk View and RSView; empty is good, S stale, D, E and U (disabled, error, not
  initialised) are bad.
- ``percent``: 100 is good, 0 and below are bad.
- ``aveva``: the Quality column of AVEVA Historian, 0 is good, 1 bad, 16 and 133 doubtful.
- ``good_flag``, ``bad_flag``, ``uncertain_flag``: 1 or True means good, bad, uncertain.
- ``qartod``: 1 is pass, 3 suspect, 4 fail, 9 missing.
- ``unknown``: a quality column whose cells do not tell good from bad; it is not used.
"""

GOOD, UNCERTAIN, BAD = "good", "uncertain", "bad"

_GOOD_TEXT = re.compile(
    r"good.*|(?:ok|okay|valid|gut|gültig|bon|bonne|valide|buen[ao]|buon[ao]|bo[am]|dobr[aáyý]|goed|хорош\w*|достоверн\w*|god|bra|hyvä|i\u0307?yi|jó|良好|良|好|正常"
    r"|raw|g)\b.*"
)
_UNCERTAIN_TEXT = re.compile(
    r"uncertain.*|(?:questionable|suspect|substituted|overridden|alarm|doubtful|dubious|interpolated|estimated|unsicher|incertain|unreliable"
    r"|inciert[ao]|incert[ao]|niepewn[ay]|onzeker|неопредел\w*|nejist[áý]|osäker|usikker|epävarma|annotated|fair|[uqsf])\b.*"
)
_BAD_TEXT = re.compile(
    r"bad.*|not ?good.*|(?:invalid|poor|schlecht|ungültig|mauvais|mauvaise|invalide|fail|failed|failure|error|no ?data"
    r"|fault|down|stale|missing|not connected|comms? (?:fail|err|lo)\w*|device failure|sensor failure|out of service"
    r"|mal[ao]|cattiv[ao]|má|mau|ruim|zł[ay]|slecht|плох\w*|недостоверн\w*|špatn[áý]|dålig|dårlig|huono|kötü|rossz|不良|不好|坏|差|异常|異常"
    r"|no (?:status|quality)|disconnected|[bp])\b.*"
)
_PLAIN_GOOD_TEXT = re.compile(r"good(?!\s*\w).*")
_STRICT_TEXT = re.compile(r"good.*|bad.*|uncertain.*|(?:questionable|suspect|valid|invalid|良好|不良|好|坏|差)\b.*")
_CODE_BEFORE_TEXT = re.compile(r"^[\s(\[]*\d+[\s\-:)\]]*(?=\D)")  # "192 (Good)"

# OPC Classic: two bits of quality, four of substatus, two of limit; only these substatus values are defined.
_OPC_CODES = frozenset(
    code + limit for code in (*range(0, 36, 4), 64, 68, 80, 84, 88, 192, 216) for limit in range(4)
)  # fmt: skip
# Two bits of quality, four of substatus, two of limit, as in OPC, but good is 128 (not in a cascade) or 192 (cascade).
_FIELDBUS_CODES = frozenset(code + substatus for code in (0, 64, 128, 192) for substatus in range(32))
_FIELDBUS_GOOD = 128
_OPC_GOOD = 192
_FIRST_IGNITION_CODE = 256
_LOGGER_LETTERS = {"D": BAD, "E": BAD, "U": BAD, "*": BAD, "S": UNCERTAIN}
_OPC_MASK = 0xC0
_UA_MASK = 0xC0000000
_UA_UNCERTAIN = 0x40000000
_UA_BAD = 0x80000000
_MAX_CODES = 64
_MAX_PRIVATE_CODES = 8
_MIN_KNOWN_SHARE = 0.9


def detect_quality_scheme(word: str, cells: pl.Series, *, is_strong: bool) -> QualityScheme | None:
    """Return how a column writes quality, or None when its cells do not hold quality.

    Args:
        word: The word in the name of the column that suggests quality, casefolded.
        cells: Cells of the column, String or typed.
        is_strong: True for a name that means nothing but quality; "Status" and "Q" also name states and flows.
    """
    present = cells.drop_nulls()
    if present.is_empty():
        return "unknown" if is_strong else None
    # PI exports flags named Good, Questionable and Substituted; True means what the name says.
    if present.dtype == pl.Boolean or _is_true_false(present):
        return _name_flag(word) or ("good_flag" if is_strong else None)
    codes = read_codes(present)
    if codes.null_count() == 0:
        return _detect_number_scheme(word, codes, is_strong=is_strong)
    if present.dtype != pl.String:
        return None
    return "text" if _is_quality_text(present, is_strong=is_strong) else None


def holds_quality_texts(cells: pl.Series) -> bool:
    """Return whether a column of any name can hold nothing but quality: it has Good, and words of quality beside it."""
    if cells.dtype != pl.String or cells.n_unique() > _MAX_CODES:
        return False
    is_good = any(_PLAIN_GOOD_TEXT.fullmatch(_strip_code(cell)) for cell in cells.drop_nulls().unique().to_list())
    return is_good and _is_quality_text(cells.drop_nulls(), is_strong=True)


def count_unknown_texts(cells: pl.Series) -> dict[str, int]:
    """Return the texts of a quality column of the scheme ``text`` that tell neither good from bad, with their cells."""
    counts = cells.cast(pl.String).drop_nulls().value_counts(sort=True).iter_rows()
    return {text: count for text, count in counts if text.strip() and _classify_text(text) is None}


def classify_quality(cells: pl.Series, scheme: QualityScheme) -> pl.Series:
    """Return "good", "uncertain" or "bad" for each cell; null for an empty cell and for one that the scheme lacks.

    Args:
        cells: Quality cells, String or typed.
        scheme: How the column writes quality.
    """
    if scheme == "unknown":
        return pl.repeat(None, len(cells), dtype=pl.String, eager=True)
    if scheme == "text":
        words = {cell: _classify_text(cell) for cell in cells.cast(pl.String).drop_nulls().unique().to_list()}
        return cells.cast(pl.String).replace_strict(words, default=None, return_dtype=pl.String)
    if scheme == "logger":
        return cells.str.strip_chars().replace_strict(_LOGGER_LETTERS, default=None, return_dtype=pl.String)
    codes = read_codes(cells).rename("code")
    return codes.to_frame().select(_classify_codes(scheme)).to_series()


def holds_logger_letters(cells: pl.Series) -> bool:
    """Return whether all cells that are not empty are letters of the scheme ``logger``."""
    return cells.dtype == pl.String and set(cells.drop_nulls().str.strip_chars()) <= _LOGGER_LETTERS.keys() | {""}


def flag_bad_quality(
    cells: pl.Series, scheme: QualityScheme, *, uncertain: Literal["keep", "drop"] = "keep"
) -> pl.Series:
    """Return the mask of rows whose value is not usable.

    Args:
        cells: Quality cells, String or typed.
        scheme: How the column writes quality.
        uncertain: "keep" uses values of uncertain quality, "drop" does not.

    Returns:
        Boolean mask without nulls; an empty or unknown quality does not make a value bad.
    """
    # Uncertain is the common quality of a held or manually entered value; dropping it loses whole tags.
    unusable = [BAD] if uncertain == "keep" else [BAD, UNCERTAIN]
    return classify_quality(cells, scheme).is_in(unusable).fill_null(value=False)


def read_codes(cells: pl.Series) -> pl.Series:
    """Return quality cells as numbers: decimal, hexadecimal (0x80000000), True and False; null for other text."""
    if cells.dtype != pl.String:
        is_number = cells.dtype.is_numeric() or cells.dtype == pl.Boolean
        return cells.cast(pl.Float64) if is_number else pl.repeat(None, len(cells), dtype=pl.Float64, eager=True)
    numbers = {cell: _read_code(cell) for cell in cells.drop_nulls().unique().to_list()}
    return cells.replace_strict(numbers, default=None, return_dtype=pl.Float64)


def _read_code(cell: str) -> float | None:
    text = cell.strip().casefold().removesuffix("%").rstrip()
    if text in ("true", "false"):
        return float(text == "true")
    try:
        return float(int(text, 16)) if text.startswith("0x") else float(text)
    except ValueError:
        return None


def _is_true_false(cells: pl.Series) -> bool:
    return cells.dtype == pl.String and all(c.strip().casefold() in ("true", "false") for c in cells.unique().to_list())


def _name_flag(word: str) -> QualityScheme | None:
    """Return the meaning of 1 in a flag column, from its name."""
    if re.search(r"questionable|substituted|uncertain|suspect", word):
        return "uncertain_flag"
    if re.search(r"bad|invalid|ungültig", word):
        return "bad_flag"
    return "good_flag" if re.search(r"valid|good|gültig", word) else None


def _detect_number_scheme(word: str, codes: pl.Series, *, is_strong: bool) -> QualityScheme | None:
    distinct = {code for code in codes.unique().to_list() if code is not None}
    if not all(code.is_integer() for code in distinct):
        is_percent = is_strong and min(distinct) >= 0 and max(distinct) == 100
        return "percent" if is_percent else None
    whole = {int(code) for code in distinct}
    if whole <= {0, 1}:
        return _decide_flag(word, codes, whole, is_strong=is_strong)
    # The top two bits of the 32 of an OPC UA status code are its severity; some databases store it signed.
    if any(code & _UA_MASK for code in whole) and all(code == 0 or abs(code) >= _UA_UNCERTAIN for code in whole):
        return "opc_ua"
    low_bytes = {code & 0xFF for code in whole}
    is_opc = len(whole) <= _MAX_CODES and low_bytes <= _OPC_CODES
    # Without a good value only the bad codes of OPC without limit bits, 4, 8, 24 ..., are sure to be OPC.
    if is_opc and (max(low_bytes) >= _OPC_GOOD or (is_strong and all(code % 4 == 0 for code in whole - {16}))):
        return "opc"
    # 128 means nothing in OPC Classic; DeltaV and other systems with fieldbus devices export it for a good value.
    if is_strong and whole <= _FIELDBUS_CODES and any(_FIELDBUS_GOOD <= code < _OPC_GOOD for code in whole):
        return "fieldbus"
    return _detect_rare_scheme(word, whole, is_strong=is_strong)


def _detect_rare_scheme(word: str, codes: set[int], *, is_strong: bool) -> QualityScheme | None:
    # Ignition keeps the codes of its older versions in the history.
    if word in ("data integrity", "dataintegrity") and all(0 <= code < _UA_UNCERTAIN for code in codes):
        return "ignition"
    # AVEVA Historian writes 133 for the first value after a start and 16 for a doubtful one.
    # WinCC writes 2 for the rows that mark its own start and stop.
    if codes <= {0, 1, 2} and 1 in codes and word.endswith("validity"):
        return "good_flag"
    if codes <= {0, 1, 16, 133} and is_strong:
        return "aveva"
    if codes <= {1, 2, 3, 4, 9} and re.search(r"qc|qartod|flag", word):
        return "qartod"
    # Honeywell PHD writes a confidence of -1 where it has no value at all.
    if is_strong and min(codes) >= -1 and max(codes) == 100:
        return "percent"
    # A few codes of a private scheme are not measured values either.
    return "unknown" if is_strong and len(codes) <= _MAX_PRIVATE_CODES else None


def _decide_flag(word: str, codes: pl.Series, distinct: set[int], *, is_strong: bool) -> QualityScheme | None:
    """Decide what 1 means in a column of 0 and 1."""
    if "code" in word and distinct == {0}:
        return "opc_ua"
    named = _name_flag(word)
    if named or not is_strong:
        return named
    if distinct == {0}:
        return "unknown"  # 0 is good in OPC UA and AVEVA, bad in OPC Classic
    # WinCC writes 1 for a valid value, AVEVA Historian 0. Most readings of a plant are good.
    mean = codes.mean()
    return "good_flag" if isinstance(mean, float) and mean >= 0.5 else "bad_flag"


def _is_quality_text(cells: pl.Series, *, is_strong: bool) -> bool:
    counts = dict(cells.value_counts().iter_rows())
    known = sum(count for cell, count in counts.items() if _classify_text(cell))
    is_named = is_strong or any(_is_strict(cell) for cell in counts)
    return is_named and known >= _MIN_KNOWN_SHARE * len(cells)


def _is_strict(cell: str) -> bool:
    """Return True for a text that nothing but a quality column holds."""
    return cell.strip() == "{ok}" or _STRICT_TEXT.fullmatch(_strip_code(cell)) is not None


def _strip_code(cell: str) -> str:
    # OPC UA writes Good_Clamped, others "Good - clamped"; the first word tells.
    # Niagara writes {ok} and {fault}.
    return normalise_text(_CODE_BEFORE_TEXT.sub("", cell).replace("_", " ").strip().strip("{}"))


def _classify_text(cell: str) -> str | None:
    text = _strip_code(cell)
    patterns = ((GOOD, _GOOD_TEXT), (UNCERTAIN, _UNCERTAIN_TEXT), (BAD, _BAD_TEXT))
    found = next((quality for quality, pattern in patterns if pattern.fullmatch(text)), None)
    return BAD if found is None and text and means_no_value(text) else found


def _classify_codes(scheme: QualityScheme) -> pl.Expr:
    code = pl.col("code")
    whole = code.cast(pl.Int64, strict=False)
    good, bad, known = {
        # Vendors use the high byte for themselves: 65472 is 0xFFC0, a good value of GE and AVEVA.
        "opc": ((whole & _OPC_MASK) == _OPC_GOOD, (whole & _OPC_MASK) == 0, whole.is_not_null()),
        "ignition": (
            (whole < _FIRST_IGNITION_CODE) & ((whole & _OPC_MASK) == _OPC_GOOD),
            (whole >= _FIRST_IGNITION_CODE) | ((whole & _OPC_MASK) == 0),
            whole.is_not_null(),
        ),
        "opc_ua": ((whole & _UA_MASK) == 0, (whole & _UA_BAD) == _UA_BAD, whole.is_not_null()),
        "fieldbus": ((whole & _FIELDBUS_GOOD) == _FIELDBUS_GOOD, (whole & _OPC_MASK) == 0, whole.is_not_null()),
        "percent": (code >= 100, code <= 0, code.is_not_null()),
        "good_flag": (code == 1, code == 0, code.is_in([0.0, 1.0])),
        "bad_flag": (code == 0, code == 1, code.is_in([0.0, 1.0])),
        "uncertain_flag": (code == 0, pl.lit(value=False), code.is_in([0.0, 1.0])),
        "aveva": (code == 0, code == 1, code.is_in([0.0, 1.0, 16.0, 133.0])),
        "qartod": (code.is_in([1.0, 2.0]), code.is_in([4.0, 9.0]), code.is_in([1.0, 2.0, 3.0, 4.0, 9.0])),
    }[scheme]
    return pl.when(good).then(pl.lit(GOOD)).when(bad).then(pl.lit(BAD)).when(known).then(pl.lit(UNCERTAIN))
