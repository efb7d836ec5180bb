"""Travel times are given whatever the map is like."""

import pytest

from devices.registry import Registry
from runtime.survey import Surveyor


@pytest.mark.parametrize("network", [None, b"", b"no archive"])
def test_without_streets_that_can_be_read_times_are_by_line(small_registry: Registry, network: bytes | None) -> None:
    surveyor = Surveyor(3600.0)
    surveyor(small_registry, network)
    stations = list(small_registry.stations.values())
    times = surveyor.survey.travel((120.0, 30.0), stations)
    assert {method for _, method in times} == {"line"}
    by_code = {station.code: seconds for station, (seconds, _) in zip(stations, times, strict=True)}
    assert by_code["ST-1"] < by_code["ST-2"] < by_code["ST-3"]
    assert surveyor.survey.network is None
