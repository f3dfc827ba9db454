"""SQL text in which ``{braced}`` names are identifiers, quoted as the engine requires."""

from __future__ import annotations

import re

from acm_etl.dialects import Dialect

_BRACED_NAME = re.compile(r"\{([^{}]+)\}")


def quote_names(dialect: Dialect, sql: str) -> str:
    """Return SQL text with every ``{braced}`` name quoted."""
    return _BRACED_NAME.sub(lambda match: dialect.quote(match[1]), sql)
