"""Machines on a command line: as words or behind ``--equip``, whichever of the two a command declares."""

from __future__ import annotations

from collections.abc import Sequence

import click

_OPTION = "--equip"
_ARGUMENTS = ("code", "codes")
_WORDS = "machine_words"


def move_codes_first(command: click.Command, words: Sequence[str]) -> list[str]:
    """Return the words of a command whose argument is a machine, with those behind ``--equip`` as its first words.

    Args:
        command: Command; one that declares ``--equip`` gets its words as they are.
        words: Words behind the name of the command.
    """
    argument = next((param for param in command.params if param.name in _ARGUMENTS), None)
    codes: list[str] = []
    rest: list[str] = []
    queue = list(words)
    while argument is not None and queue:
        word = queue.pop(0)
        # Behind "--" every word is an argument.
        if word == "--":
            queue.insert(0, word)
            break
        name, sign, value = word.partition("=")
        if name != _OPTION or not (sign or queue):
            rest.append(word)
            continue
        codes.append(value if sign else queue.pop(0))
        # Several machines in a row, as where the option is declared.
        while argument.nargs == -1 and queue and not queue[0].startswith("-"):
            codes.append(queue.pop(0))
    return [*codes, *rest, *queue]


def check_arguments(ctx: click.Context) -> None:
    """Check the machines of a command whose argument is a machine.

    Raises:
        UsageError: The address of a store is given.
    """
    for name in _ARGUMENTS:
        value = ctx.params.get(name) or ()
        _reject_addresses(ctx, [value] if isinstance(value, str) else value)


def declare_words(command: click.Command) -> click.Parameter | None:
    """Let a command that has ``--equip`` and no argument take machines as words, too.

    Returns:
        The option; None if the command takes no such words.
    """
    option = next((param for param in command.params if _OPTION in param.opts), None)
    if option is None or any(isinstance(param, click.Argument) for param in command.params):
        return None
    metavar = "[CODE]..." if option.multiple else "[CODE]"
    command.params.insert(0, click.Argument([_WORDS], nargs=-1, metavar=metavar))
    return option


def add_words(ctx: click.Context, option: click.Parameter) -> None:
    """Add the machines that were given as words to the value of the option.

    Raises:
        UsageError: Several machines are given to a command that takes one, or the address of a store.
    """
    words: tuple[str, ...] = ctx.params.pop(_WORDS)
    if not words or option.name is None:
        return
    _reject_addresses(ctx, words)
    codes = ctx.params[option.name]
    codes = (*(codes if option.multiple else filter(None, [codes])), *words)
    if len(codes) > 1 and not option.multiple:
        message = f"name one machine, not {', '.join(codes)}"
        raise click.UsageError(message, ctx)
    ctx.params[option.name] = codes if option.multiple else codes[0]


def _reject_addresses(ctx: click.Context, words: Sequence[str]) -> None:
    # Not repeated, as it may hold a password: an address without --store in front of it is no machine.
    if any("://" in word for word in words):
        message = "an address is not the code of a machine; name the store with --store"
        raise click.UsageError(message, ctx)
