"""What the interface itself refuses a person for; the desk has codes of its own (`dispatch.facts.refused`)."""

from enum import StrEnum


class Why(StrEnum):
    """The codes of problem documents that a page says in its reader's language."""

    AWAY = "away"
    BROKE = "broke"
    INVALID = "invalid"
    TOO_LARGE = "too_large"
    NOT_FOUND = "not_found"
    MAY_NOT = "may_not"
    ACCESS_ENDED = "access_ended"
    UNREGISTERED = "unregistered"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - a code
    TOO_MANY_FAILURES = "too_many_failures"
    ALARM_NOT_YOURS = "alarm_not_yours"
    FIRES_BY_COMMAND = "fires_by_command"
    STATION_NOT_YOURS = "station_not_yours"
    LINK_ONE_ORDER = "link_one_order"
    PLACE_NOT_YOURS = "place_not_yours"
    INCIDENT_NOT_YOURS = "incident_not_yours"
    ORDER_NOT_YOURS = "order_not_yours"
    FOR_ONESELF = "for_oneself"
    PHOTO_TYPE = "photo_type"
    PHOTO_LARGE = "photo_large"
    PHOTO_REF = "photo_ref"
    PHOTO_EMPTY = "photo_empty"
    WAY_NO_POSITION = "way_no_position"
    WAY_FROM_WHERE = "way_from_where"
    LOG_NAME = "log_name"
    COVERAGE_SOON = "coverage_soon"
    PERIOD_REVERSED = "period_reversed"
    PERIOD_LONG = "period_long"
    TIME_UNREADABLE = "time_unreadable"
    SHUT_OUT = "shut_out"
    USER_UNKNOWN = "user_unknown"
    TOKEN_UNKNOWN = "token_unknown"  # noqa: S105 - a code
    TOKEN_WRONG = "token_wrong"  # noqa: S105 - a code
    ROLE_SCOPE = "role_scope"
    ROLE_UNREGISTERED = "role_unregistered"
    PASSWORD_NONE = "password_none"  # noqa: S105 - a code
    PACK_BUSY = "pack_busy"
    PACK_SLOW = "pack_slow"
