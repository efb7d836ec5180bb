"""MessagePack and CBOR become what JSON could have said; a value it has no word for is a `Foreign`, wrong everywhere.

So every value meets one judgement, however it came: bytes, extensions, tags (dates, bignums, shared references),
`undefined` and NaN are of the wrong type wherever a member is looked for, and nothing of theirs is carried out.
"""

import io
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import cbor2
import msgspec


class Foreign:
    """A value that JSON cannot say. No encoder takes it, which is why it is no dataclass."""

    __slots__ = ("what",)

    def __init__(self, what: str) -> None:
        self.what = what

    def __repr__(self) -> str:
        return f"<{self.what}>"


class MalformedError(ValueError):
    """The bytes are not of the encoding."""


class UnusableError(ValueError):
    """The bytes are of the encoding and say what cannot be used at all."""


DEEPEST = 64
"""How many lists and maps may lie in each other; a message of readings with lists of channels has four."""


def msgpack(data: bytes) -> Any:  # noqa: ANN401 (whatever JSON could hold)
    """The value in `data`. Of repeated members the last counts.

    Raises MalformedError, UnusableError (a map's key that is no text), or RecursionError.
    """
    with suppress(msgspec.MsgspecError, ValueError):
        return plain(_usual.decode(data))
    return plain(_opened(data))


def _opened(data: bytes | msgspec.Raw) -> Any:  # noqa: ANN401
    """The value in `data`; of a list or map, the parts as they came.

    Keys other than text are not even read: of lists as keys a sender can make up thousands that fall into one place of
    the dict.
    """
    head = memoryview(data)[:1].tobytes()
    decoder = _map if head in _MAPS else _list if head in _LISTS else _scalar
    try:
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        if decoder is _scalar:
            return Foreign("timestamp")
        raise UnusableError(str(error)) from error
    except ValueError as error:
        raise MalformedError(str(error)) from error


def _usual_type(levels: int) -> Any:  # noqa: ANN401 (a type made at run time)
    """The type of values of at most so many levels that JSON could hold. Its size doubles with each."""
    found: Any = None | bool | int | float | str
    for _ in range(levels):
        found = None | bool | int | float | str | list[found] | dict[str, found]
    return found


def cbor(data: bytes) -> Any:  # noqa: ANN401
    """The value in `data`, as the decoder gives it: `plain` makes it what JSON could hold.

    Raises MalformedError, UnusableError (a map's key that is no text), or RecursionError.
    """
    source = io.BytesIO(data)
    try:
        # strict: no keys but text and bytes, for the reason given in `_opened`
        decoder = cbor2.CBORDecoder(source, semantic_decoders=_TAGS, max_depth=DEEPEST, strict_hashable_types=True)
        value = decoder.decode()
    except (cbor2.CBORError, ValueError, OverflowError, MemoryError) as error:
        if "nesting depth" in str(error):
            raise RecursionError from error
        if "map key must be" in str(error):
            raise UnusableError(str(error)) from error
        raise MalformedError(str(error)) from error
    if (rest := len(data) - source.tell()) > 0:
        raise MalformedError(f"{rest} bytes after its end")
    return value


def plain(value: object, depth: int = 0) -> Any:  # noqa: ANN401
    """`value`, which lies in `depth` others, with a Foreign for whatever JSON cannot say.

    Raises UnusableError when a key is no text, MalformedError, or RecursionError.
    """
    if depth > DEEPEST:
        raise RecursionError
    if isinstance(value, msgspec.Raw):
        value = _opened(value)
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise UnusableError(f"a map's key must be text, not {type(key).__name__}")
        return {key: plain(part, depth + 1) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part, depth + 1) for part in value]
    if isinstance(value, float) and math.isnan(value):
        return Foreign("NaN")
    if value is None or isinstance(value, str | int | float | Foreign):
        return value
    return Foreign(type(value).__name__)


class _Tags(Mapping[int, Callable[[Any, bool], Any]]):
    """For every tag of CBOR what its content becomes: the mark of CBOR itself (55799) changes nothing, all else is
    foreign. The decoder's own would build dates, numbers of any size, patterns and values that contain themselves.
    """

    def __getitem__(self, tag: int) -> Callable[[Any, bool], Any]:
        if tag == _SELF_DESCRIBED:
            return lambda value, _: value
        return lambda _, __: Foreign(f"tag {tag}")

    def __iter__(self) -> Iterator[int]:
        return iter(())

    def __len__(self) -> int:
        return 0


_SELF_DESCRIBED = 55799
"""RFC 8949, 3.4.6."""

_TAGS = _Tags()

# the specification of MessagePack, "Formats"
_MAPS = frozenset(bytes((head,)) for head in (*range(0x80, 0x90), 0xDE, 0xDF))
_LISTS = frozenset(bytes((head,)) for head in (*range(0x90, 0xA0), 0xDC, 0xDD))
"""The first byte of an array of MessagePack."""
_map: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(dict[str, msgspec.Raw])
_list: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(list[msgspec.Raw])
_scalar: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder()
_usual: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(_usual_type(5))
"""In one go what most senders say; the rest is opened level by level, twenty times slower."""
