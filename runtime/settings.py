"""Settings of every role: environment `FIREGRID_*`, or a TOML file named by `FIREGRID_CONFIG`."""

import os
import ssl
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from devices import broker_address, webhook


def default_data() -> Path:
    """The user's data folder for FireGrid; as root a folder that the private servers' unprivileged user can reach."""
    if home := os.environ.get("XDG_DATA_HOME"):
        return Path(home) / "firegrid"
    if os.geteuid() == 0:
        return Path("/var/lib/firegrid")
    return Path.home() / ".local" / "share" / "firegrid"


class Settings(BaseSettings):
    """One value for each thing a role must be told. Ages and durations are in seconds of the system's clock."""

    model_config = SettingsConfigDict(env_prefix="FIREGRID_", extra="forbid", frozen=True)

    database_url: str | None = Field(None, description="PostgreSQL with TimescaleDB; absent: the private one of `up`")
    mqtt_url: str | None = Field(None, description="mqtt://user:password@host:port; absent: the private one of `up`")
    mqtt_ca: Path | None = Field(None, description="PEM file of who signs the broker's certificate (mqtts://)")
    mqtt_prefix: str = Field("fg/v1", description="first part of every topic")
    data: Path = Field(default_factory=default_data, description="folder for journal, frames, slots, private servers")
    host: str = Field("127.0.0.1", description="address the HTTP server listens on")
    http_port: int = Field(8080, ge=0, le=65535)
    mqtt_port: int = Field(1883, ge=0, le=65535, description="port of the private broker")
    policy: Path | None = Field(None, description="TOML file that says who is called and when; absent: the shipped one")
    timezone: str = Field("Asia/Shanghai", description="zone of rosters and shifts")
    clock_offset_s: float = Field(0.0, description="added to the real time")
    clock_rate: float = Field(
        1.0, gt=0, description="seconds of the system's clock per real second, from the anchor on"
    )
    clock_anchor: float | None = Field(None, description="real epoch seconds at which a rate other than 1 starts")
    standby: bool = Field(
        default=True, description="whether `up` keeps a second control standing by, to lead when the first dies"
    )
    ingest_workers: int = Field(1, ge=1, le=64, description="how many ingest workers `up` keeps running")
    ingest_shared: str | None = Field(
        None, pattern=r"^[^/+#\s]+$", description="group of the shared subscription to read telemetry through"
    )
    metrics_port: int | None = Field(
        None, ge=1, le=65000, description="loopback port of ingest's metrics; a worker adds the number of its slot"
    )
    spool_bytes: int = Field(
        4 * 1024**3, ge=1024**2, description="how large each of an ingest worker's two spools on disk may become"
    )
    lag_limit_s: float = Field(10.0, gt=0, description="from this lag on ingest logs a warning")
    # at least 31: a reading is taken up to 30 days late, and its hour and day are made anew from all there is of them
    keep_raw_days: int = Field(90, ge=31, le=36500, description="days for which readings are kept")
    keep_1m_days: int = Field(90, ge=31, le=36500, description="days for which minutes are kept")
    keep_1h_days: int = Field(
        731, ge=31, le=36500, description="days for which hours are kept, of readings and coverage"
    )
    keep_1d_days: int = Field(3653, ge=31, le=36500, description="days for which days are kept")
    quarantine_days: int = Field(30, ge=1, le=36500, description="days for which refused items are kept")
    quarantine_bytes: int = Field(
        1024**3, ge=1024**2, description="how many bytes of refused items the database keeps; beyond that the oldest go"
    )
    pack_bytes: int = Field(
        256 * 1024**2,
        ge=1024**2,
        description="bytes a district pack may have that is uploaded, as it comes and unpacked",
    )
    fallback_url: str | None = Field(
        None, description="webhook (SMS, voice) for whom no screen reaches in time and who has none of their own"
    )
    brigade_url: str | None = Field(None, description="webhook of the fire brigade's centre")
    public_url: str | None = Field(
        None, description="address that phones outside reach FireGrid at; outgoing calls then carry a link to the order"
    )
    command_phone: str | None = Field(
        None, pattern=r"^[0-9+][0-9 -]{2,24}$", description="command room's telephone, dialled from phones by one tap"
    )
    photo_days: int = Field(365, ge=1, le=36500, description="days for which photos of incidents are kept")
    webhook_secret: str | None = Field(None, description="what outgoing calls are signed with (HMAC-SHA256)")
    tiles: str | None = Field(
        None, description="pictures under the map: an address with {z}, {x} and {y}, or a PMTiles file; absent: none"
    )
    tiles_datum: Literal["wgs84", "gcj02", "cgcs2000"] = Field(
        "wgs84", description="datum of these pictures; gcj02 shifts the map to fit, cgcs2000 (天地图) needs no shift"
    )
    tiles_attribution: str | None = Field(None, description="whose pictures they are, shown on the map")
    log_level: str = Field("info")

    @model_validator(mode="before")
    @classmethod
    def _address_names_its_authority(cls, values: dict[str, Any]) -> dict[str, Any]:
        """An address says everything about a broker, so that nothing else has to be handed on."""
        url, ca = values.get("mqtt_url"), values.get("mqtt_ca")
        if not url or not ca:
            return values
        return values | {"mqtt_url": broker_address.trusting(str(url), Path(str(ca)).absolute())}

    @field_validator("mqtt_url")
    @classmethod
    def _is_an_address(cls, url: str | None) -> str | None:
        if url is not None:
            broker_address.parse(url)
        return url

    @field_validator("fallback_url", "brigade_url", "public_url")
    @classmethod
    def _can_be_posted_to(cls, url: str | None) -> str | None:
        if url is not None and (wrong := webhook.flaw(url)):
            raise ValueError(f"{url[:80]!r} {wrong}")
        return url

    @field_validator("mqtt_ca")
    @classmethod
    def _holds_certificates(cls, ca: Path | None) -> Path | None:
        try:
            if ca is not None:
                ssl.create_default_context(cafile=ca)
        except OSError as error:
            raise ValueError(f"{ca} holds no certificate that can be read ({error.strerror or error})") from None
        return ca

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic passes all its sources
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - same
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Command line first, then environment, then the TOML file."""
        sources: list[PydanticBaseSettingsSource] = [init_settings, env_settings]
        if path := os.environ.get("FIREGRID_CONFIG"):
            sources.append(TomlConfigSettingsSource(settings_cls, toml_file=Path(path)))
        return tuple(sources)
