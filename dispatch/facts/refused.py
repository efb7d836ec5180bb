"""Why nothing changed: a sentence for who writes programs, its code for screens that speak their reader's language."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Self

Value = str | int | float | list[str]


class Why(StrEnum):
    """What the desk refuses a person for. What only a program can do wrong has a sentence and no code."""

    INCIDENT_CLOSED = "incident_closed"
    INCIDENT_FORGOTTEN = "incident_forgotten"
    OPENED_BEFORE = "opened_before"
    DRILL_OVER = "drill_over"
    DRILL_CLOSED = "drill_closed"
    NOT_NEEDED = "not_needed"
    PRESSED_FIRST = "pressed_first"
    STATE_FORBIDS = "state_forbids"
    ORDER_ENDED = "order_ended"
    NOT_SERVING = "not_serving"
    PHOTOS_FULL = "photos_full"
    POSITION_MISSING = "position_missing"
    CASE_NUMBER = "case_number"
    FLOOR_OR_ROOM = "floor_or_room"
    NOT_SEEN = "not_seen"
    NOT_REAL = "not_real"
    OUTCOME_EMPTY = "outcome_empty"
    OUTCOME_TIME = "outcome_time"
    OUTCOME_VALUE = "outcome_value"
    CAUSE = "cause"
    BRIGADE_ORDERED = "brigade_ordered"
    CALLED_ALREADY = "called_already"
    ALARM_STATE = "alarm_state"
    ALARM_NOT_SHELVED = "alarm_not_shelved"
    UNTIL_PAST = "until_past"
    FROM_FAR = "from_far"
    BLACKOUT_LONG = "blackout_long"
    BLACKOUT_ENDED = "blackout_ended"
    BLACKOUTS_FULL = "blackouts_full"
    NOT_REGISTERED = "not_registered"
    ALARM_ELSEWHERE = "alarm_elsewhere"
    ALARMS_NONE = "alarms_none"
    ALARM_LEFT = "alarm_left"
    MERGE_SELF = "merge_self"
    MERGE_DRILL = "merge_drill"
    MERGE_MAINTENANCE = "merge_maintenance"
    MERGE_HARMLESS = "merge_harmless"
    MERGE_FIRE = "merge_fire"
    BRIGADE_UNCHECKED = "brigade_unchecked"
    CHECK_WAITING = "check_waiting"
    CHECK_ANSWERED = "check_answered"
    STATION_OFF_DUTY = "station_off_duty"
    STRANGERS = "strangers"
    NOT_FOUND = "not_found"


class Refused(str):
    """The sentence, in English, that says what to do. `values` are what stands in it, by name: a page puts them into
    the sentence that it has for `code`.
    """

    __slots__ = ("code", "values")

    code: StrEnum
    values: Mapping[str, Value]

    def __new__(cls, code: StrEnum, sentence: str, **values: Value) -> Self:
        """The sentence with its code."""
        made = super().__new__(cls, sentence)
        made.code, made.values = code, values
        return made


def members(sentence: str | None) -> dict[str, object]:
    """`code` and `values` of a refusal as answers carry them; nothing of a sentence that has no code."""
    return {"code": sentence.code, "values": dict(sentence.values)} if isinstance(sentence, Refused) else {}
