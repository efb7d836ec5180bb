"""Is it real? What a word of confirmation or of a false alarm brings about, and the report to the fire brigade."""

from devices.model import CODE
from dispatch.choosing.choice import Reason
from dispatch.facts.fact import BrigadeReported, IncidentVerified, Warned
from dispatch.facts.kind import REAL
from dispatch.facts.order import NOT_YET_THERE, UNANSWERED, OrderEvent, OrderState
from dispatch.facts.refused import Refused, Why
from dispatch.state import incident
from dispatch.state.state import Incident, Order
from dispatch.turn import Turn

_THERE = frozenset({OrderState.ARRIVED, OrderState.CONTROLLED})


def confirm(turn: Turn, about: Incident, one: Order, by: str) -> None:
    """It is a fire: of the highest severity, with people and leaders as the policy wants them, and 119 is due.

    Who is there and sees it burn is believed before a verdict given from afar that it does not: the verdict is set
    aside, and command is told to find out.
    """
    judged_none = about.verdict not in (None, REAL)
    there = one.state in _THERE
    severity = turn.severity_now(about, confirmed=True)
    told = IncidentVerified(
        incident=about.id, verification="confirmed", severity=severity, by=by, unjudged=judged_none and there
    )
    turn.add(told)
    if judged_none:
        _warn(turn, about, "verdict_contradicted", one)
    turn.call(about, Reason.STRENGTH)


def deny(turn: Turn, about: Incident, one: Order, by: str) -> None:
    """`by` says it is none: whoever is on the way is stood down, if that word counts and nobody has confirmed it.

    Where it does not settle it, command is warned: a fire that somebody saw is not called off by somebody else's word,
    nor by one who is not there.
    """
    if about.verification == "confirmed":
        _warn(turn, about, "contradiction", one)
    elif not _counts(turn, about, one):
        _warn(turn, about, "false_from_afar", one)
    else:
        turn.add(IncidentVerified(incident=about.id, verification="false", severity=about.severity, by=by))
        stand_down(turn, about, by, only=NOT_YET_THERE, but=one)
        turn.call(about, Reason.STRENGTH)


def _counts(turn: Turn, about: Incident, one: Order) -> bool:
    trusted = turn.drafter(about).plan.policy.false_from
    kind = one.drafted.kind.value
    return kind in trusted or (f"{kind}_there" in trusted and one.state in _THERE)


def _warn(turn: Turn, about: Incident, code: str, one: Order) -> None:
    turn.add(Warned(incident=about.id, code=code, order=one.id, recipient=one.drafted.recipient))


def stand_down(turn: Turn, about: Incident, by: str, only: frozenset[OrderState], but: Order | None = None) -> None:
    """The incident's open orders in these states are cancelled, the one that `by` speaks from excepted."""
    for one in turn.state.orders_of(about):
        if one.open and one.state in only and (but is None or one.id != but.id):
            turn.change(one, OrderEvent.CANCEL, by=by)


def over(turn: Turn, about: Incident, by: str) -> None:
    """Of a real fire from which a crew is back, whoever has not answered yet need not come any more."""
    found = turn.state.incidents[about.id]
    if found.verdict == REAL and incident.finished(found, turn.state.orders_of(found)):
        stand_down(turn, found, by, only=UNANSWERED)


def tell_brigade(turn: Turn, about: Incident, by: str, case_number: object, note: str | None) -> str | None:
    """`by` has called 119 about the incident; or why that is not taken. Saying it again corrects what was said."""
    if not about.open:
        return Refused(Why.INCIDENT_CLOSED, "the incident is closed")
    if about.drill is not None and turn.played_out(about):
        return Refused(Why.DRILL_OVER, "the drill is over")
    kept = case_number if isinstance(case_number, str) and CODE.fullmatch(case_number) else None
    turn.add(BrigadeReported(incident=about.id, by=by, case_number=kept, note=note))
    return None
