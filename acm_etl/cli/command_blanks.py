"""Commands within a text for the terminal: kept on one line, because half a command would be pasted and run."""

from __future__ import annotations

import re

# As messages name a command: behind a colon, up to a semicolon, a comma or the end.
_COMMAND = re.compile(r"(?<=: )acm-etl(?: [^\s;,]+)+")
# For private use, one column wide, and no blank for those who break lines.
_GLUE = "\ue000"


def glue_commands(text: str, width: int) -> str:
    """Replace the blanks within commands that fit a line, so that lines are not broken there.

    Args:
        text: Text that will be broken into lines.
        width: Width of a line.
    """
    return _COMMAND.sub(lambda found: found[0].replace(" ", _GLUE) if len(found[0]) <= width else found[0], text)


def restore_blanks(text: str) -> str:
    """Return a text with the blanks that ``glue_commands`` replaced."""
    return text.replace(_GLUE, " ")
