"""A folder's word stays, and is no other folder's."""

from pathlib import Path

from devices import nameplate


def test_a_folder_keeps_its_word_and_another_has_another(tmp_path: Path) -> None:
    first = nameplate.of(tmp_path / "one")
    assert nameplate.of(tmp_path / "one") == first
    assert nameplate.of(tmp_path / "two") != first
