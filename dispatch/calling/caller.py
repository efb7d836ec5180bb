"""Who must be called now for an incident as it stands, and when to look again (1-3-5, DOMAIN 0).

The one place that decides it: asked at the opening, when the incident grows, when somebody declines, lapses, asks for
help or says what it is, and by timer.
"""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from devices.model import DutyKind
from dispatch.calling import crew
from dispatch.calling.draft import Drafter
from dispatch.choosing.choice import OWN_GOES, Choice, Reason
from dispatch.choosing.ranking import Ranked, Ranking, Verdict
from dispatch.facts.fact import Awaited, BrigadeDue, CallingPlanned, Fact, PlannedTier
from dispatch.facts.kind import MAINTENANCE
from dispatch.facts.order import ENDED, UNANSWERED, OrderKind
from dispatch.policy.policy import Check, Tier
from dispatch.state import incident, upkeep
from dispatch.state.state import Incident

TO_119 = "119"
"""The source of an incident that the fire brigade told us of."""


def opening(draft: Drafter) -> Iterator[Fact]:
    """The first orders: of a fire crews, leader and who verifies; of electrical danger who repairs; of maintenance too,
    by day.
    """
    waits = upkeep.day(draft.world, draft.now) if draft.about.kind == MAINTENANCE else None
    if incident.burning(draft.about):
        yield from _calling(draft, Reason.SOONEST)
    elif waits is not None:
        yield Awaited(kind=upkeep.TIMER, subject=draft.about.id, at=waits)
    else:
        yield from draft.rectify()


def again(draft: Drafter, why: Reason) -> Iterator[Fact]:
    """What is wanted now that something has changed; `why` is the reason of an order that it brings about."""
    if incident.burning(draft.about) and not incident.unheard(draft.about):
        yield from _calling(draft, why)


def _calling(draft: Drafter, why: Reason) -> Iterator[Fact]:
    wanted = draft.wanted()
    crews = _Crews(draft, why)
    if wanted:
        yield from crews.call()
        if not draft.orders(OrderKind.ATTEND):
            yield from draft.attend()
        yield from _brigade(draft)
        yield from _verifiers(draft)
        yield from _informed(draft)
    elif why is Reason.HELP_REQUESTED:
        yield from crews.help()
        yield from crews.warn()
    planned = _planned(draft, crews, wanted=wanted)
    if planned != draft.about.calling and (wanted or draft.about.calling is not None):
        yield planned


class _Crews:
    """The stations of one look: who is taken, and what each tier comes to."""

    def __init__(self, draft: Drafter, why: Reason) -> None:
        self._draft = draft
        self._why = why
        self._ranked: Ranking | None = None
        self._searched = False
        self._taken: set[str] = set()
        self.planned: list[PlannedTier] = []
        self.short = False

    def call(self) -> Iterator[Fact]:
        """Each tier in turn has its people, as far as they are due and can come."""
        for tier in self._draft.plan.policy.tiers:
            yield from self._own(tier) if tier.own else self._filled(tier)
        yield from self.help()
        yield from self.warn()

    def warn(self) -> Iterator[Fact]:
        """Command is told where too few can come."""
        if self.short:
            crews = self._draft.orders(OrderKind.RESPOND)
            yield from self._draft.warn("nobody_left" if crews else "nobody_on_duty")

    def help(self) -> Iterator[Fact]:
        """Who asked for more people gets them."""
        missing = self._draft.about.people_wanted - crew.people(self._draft.orders(OrderKind.RESPOND))
        if missing <= 0:
            return
        kinds = {kind for tier in self._draft.plan.policy.tiers for kind in tier.who}
        free = [one for one, _ in self._enough(missing, kinds)]
        if not free and self._why is Reason.HELP_REQUESTED:
            free = self._stacked(kinds)
        for one in free:
            yield from self._take(one, self._reason(one, Reason.HELP_REQUESTED), None)
        self.short = self.short or sum(max(one.crew, 1) for one in free) < missing

    def _own(self, tier: Tier) -> Iterator[Fact]:
        own = self._draft.own_station()
        called = own is not None and f"station:{own}" in self._draft.asked()
        ranked = self._ranking() if own is not None and not called else None
        mine = ranked.of(own) if ranked is not None and own is not None else None
        if mine is not None and mine.verdict in OWN_GOES:
            # its people count for the first crew only where nobody else is sooner
            yield from self._take(mine, Reason.OWN_UNIT, self._first.name if self._is_soonest(mine) else tier.name)
            called = True
        self.planned.append(self._told(tier, "satisfied" if called else "empty", None))

    def _is_soonest(self, own: Ranked) -> bool:
        ranked = self._ranking()
        best = next(ranked.free(), None) if ranked is not None else None
        return best is not None and best.station is own.station and not best.demoted

    def _filled(self, tier: Tier) -> Iterator[Fact]:
        missing = tier.strength - self._people_for(tier)
        call_at: datetime | None = None
        if missing > 0:
            opened, now = self._draft.about.opened_at, self._draft.now
            chosen = self._enough(missing, tier.who)
            for one, by in chosen:
                if one.station.code in self._taken:
                    continue  # it goes already, beside one that is ranked before it
                due = now if tier.at_once else opened + tier.milestone - timedelta(seconds=one.eta_s)
                if due <= now:
                    yield from self._take(one, self._reason(one, self._default(tier)), tier.name)
                    for beside in by:
                        yield from self._take(beside, Reason.UNCHECKED, tier.name)
                else:
                    call_at = due if call_at is None else min(call_at, due)
            if not chosen and tier is self._first and self._people_for(tier) == 0:
                for one in self._stacked(tier.who):
                    yield from self._take(one, Reason.STACKED, tier.name)
            missing = tier.strength - self._people_for(tier)
        state = "empty" if not tier.strength else "satisfied"
        if missing > 0 and tier.strength:
            state = "short" if call_at is None else "waiting"
            self.short = self.short or call_at is None
        self.planned.append(self._told(tier, state, call_at if state == "waiting" else None))

    def _people_for(self, tier: Tier) -> int:
        """For the first crew a unit's own station that others are sooner than does not count; later it does."""
        crews = self._draft.orders(OrderKind.RESPOND)
        if tier is self._first:
            own = {one.name for one in self._draft.plan.policy.tiers if one.own}
            crews = [one for one in crews if one.drafted.tier not in own]
        return crew.people(crews)

    @property
    def _first(self) -> Tier:
        """The tier that brings the first crew; `policy_text` takes no policy without."""
        return next(one for one in self._draft.plan.policy.tiers if not one.own)

    def _default(self, tier: Tier) -> Reason:
        if tier is self._first and not self._people_for(tier):
            return Reason.SOONEST
        return Reason.STRENGTH if tier.at_once else Reason.SUPPORT

    def _reason(self, one: Ranked, otherwise: Reason) -> Reason:
        """The cause is the reason of the first station that it brings, the policy that of the rest."""
        if one.verdict is Verdict.AT_CAPACITY:
            return Reason.STACKED
        if self._why in (Reason.DECLINED, Reason.NOT_ACKNOWLEDGED, Reason.NOT_TURNED_OUT) and not self._taken:
            return self._why
        return otherwise

    def _enough(self, missing: int, kinds: Collection[str]) -> list[tuple[Ranked, list[Ranked]]]:
        """The soonest free stations that bring so many people, each with the demoted one that would be sooner still."""
        found: list[tuple[Ranked, list[Ranked]]] = []
        passed: set[str] = set()
        ranked = self._ranking()
        for one in ranked.free(kinds) if ranked is not None else ():
            if missing <= 0:
                break
            if not self._free(one, kinds):
                continue
            beside = [] if one.demoted or ranked is None else self._sooner(ranked, one, kinds, passed)
            found.append((one, beside))
            passed |= {each.station.code for each in beside}
            missing -= max(one.crew, 1)
        return found

    def _sooner(self, ranked: Ranking, one: Ranked, kinds: Collection[str], passed: set[str]) -> list[Ranked]:
        """At most one in all is called in parallel: a district in which nobody answers checks is not woken whole."""
        if passed or any(each.drafted.reason == Reason.UNCHECKED for each in self._draft.orders(OrderKind.RESPOND)):
            return []
        return [each for each in ranked.passed_over(one) if self._free(each, kinds)][:1]

    def _free(self, one: Ranked, kinds: Collection[str]) -> bool:
        return one.verdict is Verdict.FREE and one.station.kind in kinds and one.station.code not in self._taken

    def _stacked(self, kinds: Collection[str]) -> list[Ranked]:
        """All on duty are at capacity: the one of them that is there soonest, if any."""
        able = (
            one
            for one in self._ranking() or ()
            if one.verdict is Verdict.AT_CAPACITY and one.station.kind in kinds and one.station.code not in self._taken
        )
        return [one for one in (next(able, None),) if one is not None]

    def _take(self, one: Ranked, reason: Reason, tier: str | None) -> Iterator[Fact]:
        ranked = self._ranking()
        if ranked is not None:
            yield from self._draft.respond(Choice(one, reason, tier), ranked)
            self._taken.add(one.station.code)

    def _ranking(self) -> Ranking | None:
        if not self._searched:
            self._ranked, self._searched = self._draft.ranked(), True
        return self._ranked

    def _told(self, tier: Tier, state: str, call_at: datetime | None) -> PlannedTier:
        return PlannedTier(
            name=tier.name,
            means=tier.meaning,
            milestone_at=self._draft.about.opened_at + tier.milestone,
            strength=tier.strength,
            state=state,
            call="at_once" if tier.at_once else "backwards",
            call_at=call_at,
            own=tier.own,
        )


def _planned(draft: Drafter, crews: _Crews, *, wanted: bool) -> CallingPlanned:
    """What was found, as command sees it, and when to look again."""
    about, plan = draft.about, draft.plan
    if not wanted:
        before = about.calling.tiers if about.calling is not None else ()
        over = tuple(
            PlannedTier(one.name, one.means, one.milestone_at, one.strength, "over", one.call, own=one.own)
            for one in before
        )
        return CallingPlanned(incident=about.id, rules=plan.rules, periods=plan.periods, tiers=over)
    limit = about.opened_at + plan.policy.unverified_limit if _awaits_word(about) else None
    looks = [one.call_at for one in crews.planned]
    looks += [limit, _next_check(draft)]
    if crews.short and draft.now < about.opened_at + plan.policy.look_again_for:
        looks.append(draft.now + plan.policy.look_again_every)
    return CallingPlanned(
        incident=about.id,
        rules=plan.rules,
        periods=plan.periods,
        tiers=tuple(crews.planned),
        unverified_until=limit,
        look_at=min((at for at in looks if at is not None), default=None),
    )


def _awaits_word(about: Incident) -> bool:
    """True while the fire brigade would be reported to for want of verification."""
    return about.verification == "unverified" and not _brigade_knows(about)


def _brigade_knows(about: Incident) -> bool:
    """True when the incident came from the fire brigade, or somebody has reported to it or is to."""
    told = about.brigade
    return about.source == TO_119 or (told is not None and (told.due_since or told.reported_at) is not None)


def _brigade(draft: Drafter) -> Iterator[Fact]:
    """The fire brigade is reported to when it is confirmed, too grave to wait, or unverified for too long."""
    about, policy = draft.about, draft.plan.policy
    if _brigade_knows(about):
        return
    reason = None
    if about.verification == "confirmed":
        reason = "confirmed"
    elif about.severity >= policy.brigade_from_severity:
        reason = "severity"
    elif _awaits_word(about) and about.opened_at + policy.unverified_limit <= draft.now:
        reason = "unverified"
    if reason is not None:
        yield BrigadeDue(incident=about.id, reason=reason)
        yield from draft.brigade_called()


def _informed(draft: Drafter) -> Iterator[Fact]:
    """Of a confirmed fire, those above whom the policy names, each once."""
    about, policy, registry = draft.about, draft.plan.policy, draft.world.registry
    if about.verification != "confirmed" or about.grid is None:
        return
    for grid in registry.grid_chain(about.grid):
        for duty in policy.inform if grid.level in policy.inform_levels else ():
            leader = draft.world.leader_of(grid.code)
            holders = registry.holders(duty, grid.code) if duty is not DutyKind.LEADER else (leader,) if leader else ()
            for person in holders:
                if f"person:{person}" not in draft.asked():
                    yield draft.order(f"person:{person}", OrderKind.INFORM, Reason.CONFIRMED)


_WHO: dict[DutyKind, Reason] = {
    DutyKind.CONTROL_ROOM: Reason.CONTROL_ROOM,
    DutyKind.CONTACT: Reason.CONTACT,
    DutyKind.WARDEN: Reason.WARDEN,
    DutyKind.MANAGER: Reason.MANAGER,
}


def _verifiers(draft: Drafter) -> Iterator[Fact]:
    """Whoever is to look whether it is real, and is due, is asked."""
    for check in _checks_open(draft):
        if not _check_due(draft, check):
            return
        for recipient, reason in _asked_by(draft, check):
            yield draft.order(recipient, OrderKind.VERIFY, reason)


def _next_check(draft: Drafter) -> datetime | None:
    """When the next are asked, unless word comes first."""
    waiting = next(_checks_open(draft), None)
    at = draft.about.opened_at + waiting.after if waiting is not None else None
    return at if at is not None and at > draft.now else None


def _checks_open(draft: Drafter) -> Iterator[Check]:
    """Checks that somebody is left to be asked by, while nobody has said what it is or is looking."""
    about = draft.about
    looking = [
        one for one in draft.orders(OrderKind.VERIFY) if one.state not in crew.GONE and one.state not in UNANSWERED
    ]
    if about.verification != "unverified" or about.place is None or looking:
        return
    yield from (one for one in draft.plan.policy.checks if _asked_by(draft, one))


def _check_due(draft: Drafter, check: Check) -> bool:
    """At its time, or as soon as all who were asked before have said no or nothing, or there was nobody to ask."""
    if draft.about.opened_at + check.after <= draft.now:
        return True
    return all(one.state in ENDED for one in draft.orders(OrderKind.VERIFY))


def _asked_by(draft: Drafter, check: Check) -> list[tuple[str, Reason]]:
    """Whom the check would still ask, each with the reason."""
    place, asked = draft.about.place, draft.asked()
    found: dict[str, Reason] = {}
    for duty in check.who if place is not None else ():
        holders = draft.world.registry.holders(duty, place or "")
        if duty is DutyKind.CONTROL_ROOM:
            found |= {f"control_room:{place}": _WHO[duty]} if holders else {}
        else:
            found |= {f"person:{one}": _WHO[duty] for one in holders if f"person:{one}" not in found}
    return [(recipient, reason) for recipient, reason in found.items() if recipient not in asked]
