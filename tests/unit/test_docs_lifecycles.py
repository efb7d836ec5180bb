"""The drawn lifecycles are those of the tables."""

import diagrams


def test_the_diagrams_are_as_the_tables_draw_them():
    text = diagrams.PAGE.read_text(encoding="utf-8")
    assert diagrams.page(text) == text, "run .venv/bin/python tests/support/diagrams.py"


def test_every_mark_on_the_page_is_filled():
    assert diagrams.PAGE.read_text(encoding="utf-8").count("stateDiagram-v2") == 3
