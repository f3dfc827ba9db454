"""The shapes that ``tests/schemas`` declares for the JSON output of commands."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator

SCHEMAS = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in Path(__file__).parent.glob("schemas/*.json")
}


@cache
def _make_validator(document: str, entity: str) -> Draft202012Validator:
    # Without a check of the schema itself, which takes longer than most commands; a test checks both documents once.
    return Draft202012Validator({**SCHEMAS[document], "$ref": f"#/$defs/{entity}"})


def check_shape(value, entity, document="commands"):
    """Raise where a value is not of the declared shape of an entity."""
    _make_validator(document, entity).validate(value)
