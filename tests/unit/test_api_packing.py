"""A pack that came as an archive: what is taken of it, and what it would change."""

import io
import zipfile
from dataclasses import replace

import pytest
from districts import small

from api import packing
from api.packing import Strange, changes, opened

MANY = 10 * 1024


def archive(files: dict[str, bytes], kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", kind) as one:
        for name, data in files.items():
            one.writestr(name, data)
    return made.getvalue()


def test_the_files_are_known_by_name_whatever_folder_they_lie_in():
    made = archive({"town/places.csv": b"code", "people.csv": b"name", "__MACOSX/._places.csv": b"x", "town/": b""})
    assert opened(made, MANY) == {"places.csv": b"code", "people.csv": b"name"}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"places.csv", "no ZIP archive"),
        (b"", "no ZIP archive"),
        (archive({"a/places.csv": b"1", "b/places.csv": b"2"}), "places.csv is in it twice"),
        (archive({"roads.osm": bytes(20 * 1024)}), "FIREGRID_PACK_BYTES"),
        (archive({f"{n}.csv": b"" for n in range(packing.ENTRIES + 1)}), "entries"),
        (archive({"places.csv": b"code" * 100})[:-30], "no ZIP archive"),
    ],
    ids=["text", "nothing", "twice", "a bomb", "many", "cut off"],
)
def test_what_cannot_be_opened_is_said_with_what_to_do(data, said):
    with pytest.raises(Strange, match=said):
        opened(data, MANY)


def test_an_archive_that_lies_about_sizes_is_not_believed():
    made = bytearray(archive({"places.csv": bytes(9000)}))
    at = made.rindex(b"PK\x01\x02")
    made[at + 24 : at + 28] = (10).to_bytes(4, "little")  # the table says ten bytes
    with pytest.raises(Strange):
        opened(bytes(made), MANY)


def test_the_same_registry_changes_nothing():
    before = small()
    numbered = {code: replace(one, id=one.id + 100) for code, one in before.devices.items()}
    assert changes(before, replace(before, devices=numbered)) == {}


def test_what_is_added_changed_and_removed_is_counted_and_named():
    before = small()
    places = dict(before.places)
    del places["P-3"]
    places["P-1"] = replace(places["P-1"], name="another")
    places["P-9"] = replace(places["P-2"], code="P-9")
    told = changes(before, replace(before, places=places, duties=before.duties[1:]))
    assert told["places"] == {
        "added": 1,
        "changed": 1,
        "removed": 1,
        "codes": {"added": ["P-9"], "changed": ["P-1"], "removed": ["P-3"]},
    }
    assert (told["duties"]["removed"], told["duties"]["added"]) == (1, 0)
    assert set(told) == {"places", "duties"}
