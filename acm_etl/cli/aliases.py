"""Old spellings of commands and options: accepted, absent from the help, and answered with a one-line notice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

COMMAND_ALIASES: Mapping[str, str] = {"retain": "prune"}
"""Old command names and the commands that replace them."""

# Jobs of earlier versions run unattended: an option that is gone would stop them at the next upgrade.
OPTION_ALIASES: Mapping[str, Mapping[str, str]] = {
    "backfill": {
        "--final": "--close-last-window",
        "--restart": "--replay-from",
        "--group": "--batch",
    },
}
"""Per command: old option names and the options that replace them."""


def replace_option_aliases(command: str | None, words: Sequence[str], notify: Callable[[str], None]) -> list[str]:
    """Replace old option names among the arguments of a command.

    Args:
        command: Name of the command.
        words: Its arguments.
        notify: Called with one notice per old name.

    Returns:
        The arguments under their current names.
    """
    aliases = OPTION_ALIASES.get(command or "", {})
    current: list[str] = []
    for position, word in enumerate(words):
        # After "--" every word is an argument, even one that looks like an option.
        if word == "--":
            return [*current, *words[position:]]
        # --option=value is one word, --option value are two: only the name is replaced in both.
        name, sign, value = word.partition("=")
        if name in aliases:
            notify(f"{name} is now named {aliases[name]}; change your script")
            current.append(f"{aliases[name]}{sign}{value}")
        else:
            current.append(word)
    return current
