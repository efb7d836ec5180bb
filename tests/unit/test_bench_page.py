"""The page of benchmarks, and the figures on it."""

import sys
from pathlib import Path

import benchmarks_page
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))
import figure
from figure import Figure

PAGE = "# A\n\n<!-- begin one -->\nold\n<!-- end one -->\n\n<!-- begin two -->\nkept\n<!-- end two -->\n"


def test_only_the_named_section_changes() -> None:
    new = benchmarks_page.replaced(PAGE, "one", "new\n")
    assert new == PAGE.replace("\nold\n", "\n\nnew\n\n")
    assert benchmarks_page.replaced(new, "one", "new") == new


@pytest.mark.parametrize("page", ["", "<!-- begin one -->", "<!-- end one --><!-- begin one -->", PAGE + PAGE])
def test_a_page_without_exactly_one_such_section_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match="section one"):
        benchmarks_page.replaced(page, "one", "new")


def test_the_page_has_a_section_for_each_part() -> None:
    marks = [line.split()[2:-1] for line in benchmarks_page.PAGE.read_text().splitlines() if "<!-- begin " in line]
    sections = {words[-1] for words in marks if words[0] in ("ingest", "dispatch", "history")}
    parts = (Path(figure.__file__).parent / "parts.py").read_text().partition("PARTS: ")[2]
    names = {line.split('"')[1] for line in parts.splitlines() if line.startswith('    "')}
    assert "single" in names
    assert names <= sections


def test_a_ratio_is_of_medians_and_a_figure_on_the_target_meets_it() -> None:
    one = Figure("f", [10, 30, 20], target=figure.ratio_at_least(1.0), against=[("r", [20, 19, 400])])
    assert one.ratio() == 1.0
    assert one.row() == ("f", "20 (10 to 30, n = 3)", "≥ 1.0 × reference", "r: 20 (19 to 400, n = 3)", "1.00", "met")
    assert Figure("f", [19], target=figure.at_least(20)).row()[-1] == "missed"
    assert Figure("f", [21], target=figure.at_most(20)).row()[-1] == "missed"
    assert Figure("f", [20], target=figure.at_most(20)).row()[-1] == "met"


def test_what_was_not_measured_says_so_and_is_never_met() -> None:
    row = Figure("f", [], target=figure.at_least(1), missing="no client").row()
    assert row[1] == "not measured: no client"
    assert row[-1] == ""


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.01, 1), (0.0, 1)])
def test_a_percentile_is_a_value_that_was_measured(share: float, value: int) -> None:
    assert figure.percentile(list(range(100, 0, -1)), share) == value
