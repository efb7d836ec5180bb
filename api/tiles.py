"""Pictures of a map under our own vectors: none, an operator's tile server, or an archive that we serve. Pure but for
whether the archive is there.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

Datum = Literal["wgs84", "gcj02", "cgcs2000"]
"""What the pictures' positions are in. CGCS2000 (天地图) is within some centimetres of WGS-84 and is not shifted."""

ARCHIVE = "/api/map/district.pmtiles"
_HOLES = re.compile(r"\{(x|y|-y|z|s|r)\}")


@dataclass(frozen=True, slots=True)
class Tiles:
    """`url`: a template with {z}, {x} and {y}, or where this server has `archive`; `origin`: the other server that
    pages may load pictures from, None for none.
    """

    kind: Literal["template", "pmtiles"]
    url: str
    datum: Datum
    attribution: str | None = None
    archive: Path | None = None
    origin: str | None = None


def of(setting: str, datum: Datum, attribution: str | None) -> Tiles:
    """What the setting names.

    Raises ValueError with a sentence that says what to give.
    """
    if setting.endswith(".pmtiles") and "{" not in setting:
        path = Path(setting)
        if not path.is_file():
            raise ValueError(
                f"{setting!r} is no file: name a PMTiles archive, or an address with {{z}}, {{x}} and {{y}}"
            )
        return Tiles("pmtiles", ARCHIVE, datum, attribution, archive=path)
    if not {"{z}", "{x}"} <= {f"{{{one}}}" for one in _HOLES.findall(setting)} or "{y}" not in setting.replace(
        "{-y}", "{y}"
    ):
        raise ValueError(f"{setting[:80]!r} has no {{z}}, {{x}} and {{y}}: give a tile address or a .pmtiles file")
    parts = urlsplit(_HOLES.sub("0", setting))
    if parts.scheme == "" and setting.startswith("/") and not setting.startswith("//"):
        return Tiles("template", setting, datum, attribution)
    if parts.scheme not in ("http", "https") or not parts.hostname or "{s}" in setting.split("/")[2]:
        raise ValueError(f"{setting[:80]!r} is no address: give http(s)://HOST/…/{{z}}/{{x}}/{{y}} with one host")
    if re.search(r"[\s;,'\"]", parts.netloc) or parts.username is not None:
        raise ValueError(f"{setting[:80]!r} has a host that a browser's rules cannot name: give HOST or HOST:PORT")
    return Tiles("template", setting, datum, attribution, origin=f"{parts.scheme}://{parts.netloc}")
