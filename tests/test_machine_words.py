"""Machines on the command line: as words or behind --equip, in every command."""

from __future__ import annotations

import click
import pytest

from acm_etl.cli import main


def parse(*words):
    """Return the values that a command gets, without running it."""
    ctx = click.Context(main, info_name="acm-etl")
    command = main
    while isinstance(command, click.Group):
        command = command.get_command(ctx, words[0])
        words = words[1:]
    return command.make_context(command.name, list(words), parent=ctx).params


@pytest.mark.parametrize(
    "words",
    [
        ("backfill",),
        ("prune",),
        ("verify",),
        ("status",),
        ("metrics",),
        ("monitor",),
        ("episode", "list"),
        ("failures", "list"),
    ],
)
def test_commands_about_several_machines_take_words_and_options(words):
    found = [
        parse(*words, *codes)
        for codes in (
            ["A", "B"],
            ["--equip", "A", "B"],
            ["--equip=A", "--equip", "B"],
            ["--equip", "A", "--equip", "B"],
        )
    ]
    assert found == found[:1] * 4
    assert ("A", "B") in found[0].values()


@pytest.mark.parametrize(
    "words",
    [
        ("show",),
        ("report",),
        ("tags",),
        ("source",),
        ("refit",),
        ("reset",),
        ("simulate",),
        ("config", "list"),
        ("episode", "ack"),
    ],
)
def test_commands_about_one_machine_take_words_and_options(words):
    found = [parse(*words, *codes) for codes in (["A"], ["--equip", "A"], ["--equip=A"])]
    assert found == found[:1] * 3
    assert "A" in found[0].values()


def test_the_machine_comes_before_other_words():
    assert parse("episode", "note", "--equip", "A", "text") == parse("episode", "note", "A", "text")
    assert parse("episode", "note", "text", "--by", "me", "--equip=A") == parse(
        "episode", "note", "A", "text", "--by", "me"
    )


def test_words_behind_two_dashes_are_no_options():
    assert parse("episode", "note", "A", "--", "--equip")["text"] == "--equip"


def test_commands_with_other_words_take_the_option_only():
    assert parse("import", "a.csv", "--equip", "A")["files"] == ("a.csv",)
    assert parse("export", "T", "--equip", "A", "--output", "x")["table"] == "T"


@pytest.mark.parametrize("words", [("simulate",), ("config", "list")])
def test_a_command_about_one_machine_refuses_two(words):
    with pytest.raises(click.UsageError, match="B"):
        parse(*words, "--equip", "A", "B")


@pytest.mark.parametrize("words", [("simulate",), ("verify",), ("refit",), ("show",)])
def test_an_address_is_no_machine(words):
    with pytest.raises(click.UsageError, match="--store"):
        parse(*words, "mssql://sa:secret@host/db")
