"""The command line's page and the README's settings say what the program takes."""

import argparse
import re
from collections.abc import Iterator

import pages

from runtime import cli
from runtime.settings import Settings

COMMON = {"--data", "--debug", "--help", "-h"}


def _commands(parser: argparse.ArgumentParser, before: str = "") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    choices = [action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not choices:
        yield before.strip(), parser
    for name, below in (pair for found in choices for pair in found.items()):
        yield from _commands(below, f"{before} {name}")


def test_the_page_lists_each_command_with_its_options():
    listed = {}
    for line in pages.page("docs/command-line.md").blocks("")[0].splitlines():
        words = re.sub(r"\[|\]", "", line).split()[1:]
        plain = [word for word in words if re.fullmatch(r"[a-z-]+", word) and not word.startswith("-")]
        listed[" ".join(plain)] = {word for word in words if word.startswith("--")}
    taken = {
        name: {option for action in parser._actions for option in action.option_strings} - COMMON
        for name, parser in _commands(cli._parser())
    }
    assert listed == taken


def test_the_page_says_of_each_command_what_it_does():
    said = set(pages.page("docs/command-line.md").table("command"))
    assert {name for name, _ in _commands(cli._parser())} <= said


def test_the_page_names_each_target_of_make():
    makefile = (pages.ROOT / "Makefile").read_text(encoding="utf-8")
    told = set(re.findall(r"^\t@echo \"make (\w+)", makefile, flags=re.MULTILINE))
    listed = set(pages.page("docs/command-line.md").section("make").table("command"))
    assert {f"make {target}" for target in told} <= {name.partition(" [")[0] for name in listed}


def test_the_settings_table_has_every_setting_with_its_default():
    table = pages.page("README.md").section("Settings").table("setting")
    assert set(table) == {f"FIREGRID_{name.upper()}" for name in Settings.model_fields}
    for name, known in Settings.model_fields.items():
        default = table[f"FIREGRID_{name.upper()}"][0]
        if known.default_factory is None:
            assert default == (f"`{known.default}`" if known.default is not None else "")


def test_the_settings_table_says_what_the_settings_say():
    table = pages.page("README.md").section("Settings").table("setting")
    for name, known in Settings.model_fields.items():
        if known.description:
            assert table[f"FIREGRID_{name.upper()}"][1].startswith(known.description), name
