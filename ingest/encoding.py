"""How a payload is written, told by the MQTT 5 content type of its message."""

from enum import StrEnum


class Encoding(StrEnum):
    """What is taken. JSON where the message does not say, as those of MQTT 3.1.1 cannot."""

    JSON = "JSON"
    MSGPACK = "MessagePack"
    CBOR = "CBOR"


TAKEN = {
    "application/json": Encoding.JSON,
    "application/msgpack": Encoding.MSGPACK,
    "application/vnd.msgpack": Encoding.MSGPACK,
    "application/x-msgpack": Encoding.MSGPACK,
    "application/cbor": Encoding.CBOR,
}
"""Media types. MessagePack's registered one begins with `vnd`; the others were in use before it and still are."""


def of(content_type: str | None) -> Encoding | None:
    """The encoding `content_type` names, JSON where there is none; None where it names another.

    Letter case and parameters mean nothing (RFC 9110, 8.3.1): JSON is UTF-8 whatever they say.
    """
    if not content_type:
        return Encoding.JSON
    if (found := TAKEN.get(content_type)) is not None:
        return found
    return TAKEN.get(content_type.partition(";")[0].strip(" \t").lower())
