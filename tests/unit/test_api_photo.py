"""What may be a picture, and how it is named."""

import pytest

from api import photo

JPEG = b"\xff\xd8\xff\xe0" + bytes(20)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
WEBP = b"RIFF\x10\x00\x00\x00WEBPVP8 "


@pytest.mark.parametrize(("content", "kind"), [(JPEG, "image/jpeg"), (PNG, "image/png"), (WEBP, "image/webp")])
def test_a_picture_is_known_by_how_its_bytes_begin(content: bytes, kind: str) -> None:
    assert photo.kind(content) == kind


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xd8", b"GIF89a" + bytes(9), b"<svg xmlns=", b"XXXX\0\0\0\0WEBP", b"RIFF\0\0\0\0WAVE", b"<html>"],
)
def test_anything_else_is_none_whatever_it_is_called(content: bytes) -> None:
    assert photo.kind(content) is None


def test_the_same_picture_sent_again_has_the_same_name_and_another_has_another() -> None:
    assert photo.name("person:A", "r1") == photo.name("person:A", "r1")
    assert len({photo.name("person:A", "r1"), photo.name("person:A", "r2"), photo.name("person:B", "r1")}) == 3
