"""What lasts: an alarm's waiting ends, it grows graver, it becomes stale. Driven by timers alone."""

from datetime import timedelta

from devices.rule import PREALARM, Rule
from dispatch.facts.alarm import AlarmEvent, AlarmState
from dispatch.facts.fact import AlarmChanged, AlarmStale, Awaited
from dispatch.state.state import Alarm, timer
from dispatch.turn import Turn

ALL = "all"
"""The one timer of staleness is about all alarms: a hundred thousand need no timer each."""
LOOK_AGAIN = timedelta(minutes=1)
"""All alarms are looked through no more often than this."""


def await_growth(turn: Turn, one: Alarm) -> None:
    """The desk looks at the alarm again when it may have become graver by lasting."""
    rule = turn.world.rule(one.device, one.kind)
    if rule.escalates_after_s is not None and grows(one, rule):
        turn.add(Awaited(kind="grow", subject=one.id, at=turn.now + timedelta(seconds=rule.escalates_after_s)))


def grows(one: Alarm, rule: Rule) -> bool:
    """True when lasting makes it graver: of another kind, or an alarm of its own."""
    return rule.escalates_to is not None or one.level == PREALARM


def await_staleness(turn: Turn) -> None:
    """The desk looks through all alarms when the first of them may be stale."""
    if timer("stale", ALL) not in turn.state.timers:
        turn.add(Awaited(kind="stale", subject=ALL, at=turn.now + turn.world.policy.stale_after))


def find_stale(turn: Turn, subject: str) -> None:
    """Every alarm that has been on for too long is flagged, and the next look is when the next one may be."""
    after = turn.world.policy.stale_after
    on = [turn.state.alarms[id] for id in turn.state.on.values()]
    fresh = [one for one in on if one.state is AlarmState.ACTIVE and not one.stale]
    later = []
    for one in fresh:
        at = (one.active_at or one.raised_at) + after
        if at <= turn.now:
            turn.add(AlarmStale(alarm=one.id))
        else:
            later.append(at)
    again = max(min(later), turn.now + LOOK_AGAIN) if later else None
    turn.add(Awaited(kind="stale", subject=subject, at=again))


def end(turn: Turn, one: Alarm, reason: str) -> None:
    """The alarm's condition has been gone for long enough."""
    after = one.after(AlarmEvent.RESTORE)
    if after is not None:
        turn.add(AlarmChanged(alarm=one.id, state=after, reason=reason))
