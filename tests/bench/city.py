"""The demo's district with more places than it has by itself: further buildings beside those there are."""

import csv
from pathlib import Path

from simulators.district import pack as district

BESIDE_DEG = 0.0008
"""Some 75 m: a fire there is another one than that of the building it is beside."""


def write(folder: Path, places: int, devices: int, seed: int = 1) -> None:
    """`folder` holds the district of `seed` with at least `places` places that have a smoke detector each."""
    district.write(folder, seed, devices)
    header, rows = _read(folder / "places.csv")
    _, fitted = _read(folder / "devices.csv")
    further = []
    for number in range(max(0, places - len(rows))):
        beside = rows[number % len(rows)]
        step = 1 + number // len(rows)
        moved = {"code": f"X-{number:05d}", "name": f"{beside['name']} {step}", "station": "", "keyholder": ""}
        further.append({**beside, **moved, "lon": f"{float(beside['lon']) + BESIDE_DEG * step:.7f}"})
    _move(fitted, further)
    _write(folder / "places.csv", header, rows + further)
    _write(folder / "devices.csv", list(fitted[0]), fitted)


def _move(fitted: list[dict[str, str]], further: list[dict[str, str]]) -> None:
    """Each further place takes over a smoke detector of a place that keeps another one."""
    left: dict[str, int] = {}
    smoke = [one for one in fitted if one["profile"].startswith("smoke")]
    for one in smoke:
        left[one["place"]] = left.get(one["place"], 0) + 1
    spare = iter(smoke)
    for place in further:
        device = next(one for one in spare if left[one["place"]] > 1)
        left[device["place"]] -= 1
        device.update(place=place["code"], lon="", lat="")


def _read(file: Path) -> tuple[list[str], list[dict[str, str]]]:
    with file.open(newline="", encoding="utf-8") as text:
        reader = csv.DictReader(text)
        rows = list(reader)
        return list(reader.fieldnames or ()), rows


def _write(file: Path, header: list[str], rows: list[dict[str, str]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as text:
        writer = csv.DictWriter(text, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
