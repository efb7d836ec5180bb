"""What a gateway gone wrong publishes: every message is refused, each as one item."""

NOISE = (
    b"",
    b"nothing",
    b'{"device":"D-01-00","temperature_c":',
    b'{"device":"D-01-00","seq":1,"temperature_c":NaN}',
    b'{"device":"D-01-00","seq":1,"temperature_c":"warm"}',
    b'{"device":"D-01-00","seq":1,"temperature_c":4000}',
    b'{"device":17,"temperature_c":20}',
    b'{"device":"NOBODY","temperature_c":20}',
    b'{"device":"D-02-00","temperature_c":20}',
    b'{"device":"D-01-00"}',
    b"\\xff\\xfe\\x00",
    b'"text"',
)
DEEP = b'{"device":"D-01-00","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
LARGE = b'{"device":"D-01-00","temperature_c":20,"x":"' + b"x" * (257 * 1024) + b'"}'


def noise(number: int) -> bytes:
    """Of 500 messages one is nested 100,000 deep and one is larger than a message may be."""
    match number % 500:
        case 100:
            return DEEP
        case 300:
            return LARGE
        case _:
            return NOISE[number % len(NOISE)]
