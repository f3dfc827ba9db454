"""SQL of declared sources: relation, conditions and the check of a query."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from acm_etl.dialects import Dialect
from acm_etl.errors import UsageError
from acm_etl.io import source_clock
from acm_etl.redaction import contains_password
from acm_etl.source_spec import OFFSET_CLOCK, SourceSpec, parse_object_name

# Comments, texts and quoted names are skipped: the column [Update] and the text 'drop' are no statements.
_TOKENS = re.compile(
    r"""(?P<skip>--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|"(?:[^"]|"")*"|\[(?:[^\]]|\]\])*\])"""
    r"|(?P<word>[A-Za-z_@#][\w@#$]*)|(?P<sign>[();])|(?P<other>.)",
    re.DOTALL,
)
# Words that change data or end the SELECT; as the name of a column they have to be quoted.
_FORBIDDEN_WORDS = frozenset(
    ("into", "insert", "update", "delete", "merge", "drop", "alter", "create", "truncate", "exec", "execute", "grant")
)


@dataclass(frozen=True, slots=True)
class Condition:
    """A WHERE condition with its bound values; empty for all rows."""

    terms: tuple[str, ...] = ()
    params: tuple[Any, ...] = ()

    def __and__(self, other: Condition) -> Condition:
        return Condition(self.terms + other.terms, self.params + other.params)

    def __or__(self, other: Condition) -> Condition:
        either = " OR ".join(f"({' AND '.join(each.terms)})" for each in (self, other))
        return Condition((f"({either})",), self.params + other.params)

    @property
    def where(self) -> str:
        """WHERE clause with a leading blank; empty without terms."""
        return f" WHERE {' AND '.join(self.terms)}" if self.terms else ""


def check_query(query: str) -> str:
    """Check that a query is a single SELECT that can be a derived table; return it without a final semicolon.

    The login of the store decides what the query may read. This check only keeps slips out: two statements, a
    statement that writes, or a parenthesis that would end the derived table.

    Raises:
        UsageError: The text is not a single SELECT, or contains a password.
    """
    text = query.strip().removesuffix(";").strip()
    depth, words = 0, []
    for match in _TOKENS.finditer(text):
        if match["word"]:
            words.append(match["word"].casefold())
        elif match["sign"]:
            depth += {"(": 1, ")": -1}.get(match["sign"], 0)
            if depth < 0 or match["sign"] == ";":
                message = f"--query must be a single SELECT, without {match['sign']!r} at character {match.start() + 1}"
                raise UsageError(message)
        # Texts and quoted names (of files, in DuckDB) only: a column may be called Pwd. The declaration is stored, and
        # all readers of the store see it.
        elif match["skip"] and match["skip"][0] in "'\"" and contains_password(_remove_quotes(match["skip"])):
            message = (
                "--query must not contain a password: use --url-setting, or a view or linked server with the login"
            )
            raise UsageError(message)
    wrong = next((word for word in words if word in _FORBIDDEN_WORDS), None)
    if not words or words[0] != "select" or depth or wrong:
        reason = f"it contains {wrong.upper()}" if wrong else "it must begin with SELECT and close its parentheses"
        message = f"--query must be a single SELECT: {reason}; quote a column that is named like a keyword"
        raise UsageError(message)
    return text


def _remove_quotes(text: str) -> str:
    """Return the content of a quoted text or name, whose doubled quotes stand for one."""
    quote = text[0]
    return text[1:-1].replace(2 * quote, quote)


def build_relation(spec: SourceSpec, dialect: Dialect) -> str:
    """Return the relation of a source for FROM, with the alias ``s``."""
    if spec.query is not None:
        # The line break ends a comment at the end of the query, which would hide the parenthesis.
        return f"({spec.query}\n) AS s"
    return f"{'.'.join(map(dialect.quote, parse_object_name(spec.object_name or '')))} AS s"


def build_filter(spec: SourceSpec, dialect: Dialect) -> Condition:
    """Return the condition that selects the rows of the machine."""
    if spec.filter_column is None:
        return Condition()
    # A literal: it is part of the declaration, and its type has to fit the column.
    value = dialect.quote_operand(spec.filter_value or "")
    return Condition((f"s.{dialect.quote(spec.filter_column)} = {value}",))


def build_period(
    spec: SourceSpec, dialect: Dialect, start: datetime | None = None, end: datetime | None = None
) -> Condition:
    """Return the condition ``start <= time < end`` on the raw column; wider than asked for a local clock.

    The column stands alone on its side, so that an index on it can be used.
    """
    column = f"s.{dialect.quote(spec.time_column)}"
    # A naive value would be compared with a column of offsets in the zone of the session.
    limit = dialect.offset_limit if spec.clock == OFFSET_CLOCK else "?"
    bounds = [
        (f"{column} {operator} {limit}", source_clock.build_limit(time, spec.clock, is_lower=operator == ">="))
        for operator, time in ((">=", start), ("<", end))
        if time is not None
    ]
    return Condition(tuple(term for term, _ in bounds), tuple(value for _, value in bounds))


def build_tag_table(tags: Sequence[str], dialect: Dialect) -> str:
    """Return a derived table ``m`` of the columns ``tag_name`` and ``tag_index`` (position of the tag)."""
    # Literals, not parameters: a statement on SQL Server takes 2,100 of these, and a plant may have more tags.
    rows = ", ".join(f"({dialect.quote_literal(tag)}, {index})" for index, tag in enumerate(tags))
    return f"(VALUES {rows}) AS m (tag_name, tag_index)"


def build_tag_condition(spec: SourceSpec, tags: Sequence[str], dialect: Dialect) -> Condition:
    """Return the condition that a row of a long source belongs to one of the tags."""
    # Literals for the same reason as in build_tag_table: the limit of 2,100 parameters.
    names = ", ".join(map(dialect.quote_operand, tags))
    return Condition((f"s.{dialect.quote(spec.tag_column or '')} IN ({names})",))


def build_missing_tag_condition(spec: SourceSpec, dialect: Dialect) -> Condition:
    """Return the condition that a row of a long source names no tag; an empty text is a name."""
    return Condition((f"s.{dialect.quote(spec.tag_column or '')} IS NULL",))


def build_value_condition(tags: Sequence[str], dialect: Dialect) -> Condition:
    """Return the condition that a row of a wide source has a value of at least one of the tags."""
    return Condition((f"({' OR '.join(f's.{dialect.quote(tag)} IS NOT NULL' for tag in tags)})",))
