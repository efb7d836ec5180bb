"""Times in requests."""

import re
from datetime import datetime

from api.problem import Problem
from api.why import Why
from devices import instant
from dispatch.facts.refused import Refused

_UNESCAPED_PLUS = re.compile(r" (\d\d:?\d\d)$")


def moment(name: str, given: str | float) -> datetime:
    """The instant `given` for the parameter `name`: epoch milliseconds (also as text, in a query) or RFC 3339.

    Raises Problem 422.
    """
    value: str | float = given
    if isinstance(given, str) and given.lstrip("-").replace(".", "", 1).isdigit():
        value = float(given)
    elif isinstance(given, str):  # a plus sign not escaped in a query arrives as a space
        value = _UNESCAPED_PLUS.sub(r"+\1", given.strip())
    try:
        return instant.parse(value)
    except (ValueError, OverflowError) as error:
        raise Problem(422, Refused(Why.TIME_UNREADABLE, f"{name}: {error}", name=name)) from None
