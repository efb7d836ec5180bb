"""Which pictures a map may lie on, and what a browser is allowed for it."""

import pytest

from api import limits, tiles


def test_an_operators_server_is_the_only_other_one_that_pictures_may_come_from():
    found = tiles.of("https://tiles.example.org:8443/a/{z}/{x}/{y}.png", "gcj02", "示例")
    assert (found.kind, found.origin, found.datum, found.attribution) == (
        "template", "https://tiles.example.org:8443", "gcj02", "示例",
    )  # fmt: skip
    allowed = limits.policy(found.origin)
    assert "img-src 'self' data: blob: https://tiles.example.org:8443;" in allowed
    assert "default-src 'self';" in allowed


def test_pictures_of_the_own_server_need_nothing_to_be_allowed():
    found = tiles.of("/static-tiles/{z}/{x}/{y}.png", "wgs84", None)
    assert found.origin is None
    assert limits.policy(found.origin) == limits.policy()
    assert "https:" not in limits.policy()


def test_an_archive_is_served_by_us(tmp_path):
    archive = tmp_path / "town.pmtiles"
    archive.write_bytes(b"PMTiles")
    found = tiles.of(str(archive), "cgcs2000", None)
    assert (found.kind, found.url, found.archive, found.origin) == ("pmtiles", tiles.ARCHIVE, archive, None)


@pytest.mark.parametrize(
    "setting",
    [
        "nowhere.pmtiles",
        "https://tiles.example.org/",
        "https://{s}.example.org/{z}/{x}/{y}.png",
        "//tiles.example.org/{z}/{x}/{y}.png",
        "ftp://tiles.example.org/{z}/{x}/{y}.png",
        "https://user@tiles.example.org/{z}/{x}/{y}.png",
        "https://a.example.org;script-src/{z}/{x}/{y}.png",
        "javascript:alert({z},{x},{y})",
    ],
)
def test_what_names_no_pictures_is_refused_with_what_to_give(setting):
    with pytest.raises(ValueError, match=r"give|name"):
        tiles.of(setting, "wgs84", None)
