"""A policy in words, as a fire officer reads it, in Chinese and in English; and as data for programs."""

from collections.abc import Callable, Iterator
from datetime import time, timedelta
from enum import StrEnum
from typing import Any

from dispatch.plan import ANY_PERIOD
from dispatch.policy import NUMBERS, Check, Period, Policy, Rule, Span, Tier

Pair = tuple[str, str]
"""The same in Chinese and in English."""

_WORDS: dict[str, Pair] = {
    "unit": ("单位微型消防站", "units' stations"),
    "community": ("社区微型消防站", "community stations"),
    "township": ("乡镇专职消防队", "township teams"),
    "control_room": ("消防控制室", "fire control room"),
    "contact": ("户主或联系人", "household contact"),
    "warden": ("楼长", "building warden"),
    "manager": ("消防安全管理人", "fire-safety manager"),
    "leader": ("网格长", "grid leader"),
    "deputy": ("副网格长", "deputy"),
    "member": ("网格员", "grid member"),
    "patron": ("包保领导", "assigned official"),
    "police": ("民警", "police officer"),
    "fire": ("火警", "fire"),
    "manual": ("人工报警", "alarm raised by hand"),
    "electrical": ("电气报警", "electrical danger"),
    "device": ("探测器", "a device"),
    "119": ("119", "119"),
    "phone": ("电话", "telephone"),
    "patrol": ("巡查", "patrol"),
    "resident": ("居民", "resident"),
    "responded": ("响应", "has responded"),
    "on_scene": ("到场灭初起火", "is on scene"),
    "fighting_together": ("增援到场、协同作战", "fight together"),
    "verify": ("核警人员", "those asked to verify"),
    "respond": ("接令的出动队", "crews"),
    "respond_there": ("已到场的出动队", "crews on the spot"),
    "attend": ("接令的网格长", "leaders"),
    "attend_there": ("已到场的网格长", "leaders on the spot"),
    "acknowledge_within": ("接令时限", "to be acknowledged within"),
    "turn_out_within": ("接令后出动时限", "to turn out, once acknowledged, within"),
    "unverified_limit": ("未核实报 119 时限", "reported to 119 if unverified after"),
    "brigade_from_severity": ("即报 119 的等级", "reported to 119 at once from severity"),
    "deliver_within": ("送达时限", "to be delivered within"),
    "drill_calls": ("演练也外呼", "exercises call webhooks"),
    "help_people": ("请求增援默认人数", "people more on a request for help"),
    "look_again_every": ("力量不足时再找站的间隔", "while short, stations are looked for again every"),
    "look_again_for": ("再找站持续", "for"),
}
_LEVELS: dict[int, Pair] = {3: ("小网格", "small"), 2: ("中网格", "middle"), 1: ("大网格", "large")}


def said(policy: Policy) -> str:
    """The whole policy, Chinese first, then English."""
    return "\n".join([*_lines(policy, 0), "", *_lines(policy, 1), ""])


def data(policy: Policy) -> dict[str, Any]:
    """The policy for programs: durations in seconds, hours as `HH:MM`."""
    return {
        "name": policy.name,
        "digest": policy.digest,
        "numbers": {name: _plain(getattr(policy, name)) for name in NUMBERS},
        "tiers": [
            {
                "name": one.name,
                "who": "own_station" if one.own else list(one.who),
                "milestone_s": one.milestone.total_seconds(),
                "means": one.meaning,
                "call": "at_once" if one.at_once else "backwards",
                "strength": one.strength,
            }
            for one in policy.tiers
        ],
        "verify": [
            {"name": one.name, "who": list(one.who), "after_s": one.after.total_seconds()} for one in policy.checks
        ],
        "false_from": list(policy.false_from),
        "confirmed": {"inform": list(policy.inform), "levels": list(policy.inform_levels)},
        "night": {**_span(policy.night), "climbs": list(policy.night_climbs)},
        "rules": [_rule_data(one) for one in policy.rules],
        "periods": [
            {"name": one.name, "from": _day(one.first), "until": _day(one.last)} for one in policy.periods
        ],
    }  # fmt: skip


def _rule_data(rule: Rule) -> dict[str, Any]:
    when: dict[str, Any] = {
        "category": list(rule.categories),
        "kind": list(rule.kinds),
        "source": list(rule.sources),
        "severity_at_least": rule.severity_at_least or None,
        "hours": _span(rule.hours) if rule.hours is not None else None,
        "period": "any" if ANY_PERIOD in rule.periods else list(rule.periods),
    }
    then: dict[str, Any] = {
        "strength": dict(rule.strengths),
        "call": {name: "at_once" if now else "backwards" for name, now in rule.at_once},
        "inform": list(rule.inform) if rule.inform is not None else None,
        "levels": list(rule.inform_levels) if rule.inform_levels is not None else None,
        **{name: _plain(value) for name, value in rule.numbers},
    }
    return {
        "name": rule.name,
        "when": {key: value for key, value in when.items() if value},
        "set": {key: value for key, value in then.items() if value not in (None, {})},
    }


def _plain(value: object) -> object:
    return value.total_seconds() if isinstance(value, timedelta) else value


def _span(span: Span) -> dict[str, str]:
    return {"from": f"{span.start:%H:%M}", "until": f"{span.until:%H:%M}"}


def _day(day: tuple[int | None, int, int]) -> str:
    year, month, date = day
    return f"{month:02}-{date:02}" if year is None else f"{year:04}-{month:02}-{date:02}"


def _lines(policy: Policy, tongue: int) -> Iterator[str]:
    def pick(zh: str, en: str) -> str:
        return (zh, en)[tongue]

    def word(code: str) -> str:
        return _WORDS.get(code, (code, code))[tongue]

    def listed(codes: tuple[StrEnum, ...] | tuple[str, ...]) -> str:
        return pick("、", ", ").join(word(str(one)) for one in codes)

    yield pick(f"调派预案：{policy.name}", f"Dispatch policy: {policy.name}")
    yield pick("一、力量（按到场计时）", "1. Who is called, counted by arrival")
    yield from (f"  · {_tier(one, pick, listed, word)}" for one in policy.tiers)
    yield pick("二、核警（与出动同时进行）", "2. Verification, beside the crew")
    yield from (f"  · {_check(one, pick, listed)}" for one in policy.checks)
    yield "  · " + pick(
        f"报误报即撤回在途力量，以下人员的话有效：{listed(policy.false_from)}",
        f"a false alarm stands down whoever is on the way when it is said by: {listed(policy.false_from)}",
    )
    yield "  · " + pick(
        f"确认火情：等级升至 4，立即报 119；通报{_grids(policy.inform_levels, 0)}的{listed(policy.inform)}",
        f"confirmed: severity 4, 119 is called; told are {listed(policy.inform)} of the "
        f"{_grids(policy.inform_levels, 1)} grid",
    )
    yield "  · " + pick(
        f"{_long(policy.unverified_limit, 0)}仍未核实，或等级达 {policy.brigade_from_severity}：报 119",
        f"unverified after {_long(policy.unverified_limit, 1)}, or from severity {policy.brigade_from_severity}: "
        "119 is called",
    )
    yield pick("三、无人应答", "3. When nobody answers")
    yield "  · " + pick(
        f"{_long(policy.acknowledge_within, 0)}不接令即派下一个；接令后 {_long(policy.turn_out_within, 0)}不出动同此",
        f"not acknowledged within {_long(policy.acknowledge_within, 1)}: the next is called; so too when a crew has "
        f"not turned out {_long(policy.turn_out_within, 1)} after it acknowledged",
    )
    yield "  · " + pick(
        f"夜间（{_hours(policy.night)}）只有{listed(policy.night_climbs)}向上级网格升级",
        f"at night ({_hours(policy.night)}) only these climb to the grids above: {listed(policy.night_climbs)}",
    )
    if policy.rules:
        yield pick("四、规则（依次适用，后者优先）", "4. Rules, in this order, the later wins")
        yield from (f"  · {one.name}: {_rule(one, pick, listed, word)}" for one in policy.rules)
    if policy.periods:
        yield pick("五、重要节点", "5. Key periods")
        yield from (f"  · {_period(one, pick)}" for one in policy.periods)


Pick = Callable[[str, str], str]
Listed = Callable[[Any], str]


def _tier(one: Tier, pick: Pick, listed: Listed, word: Callable[[str], str]) -> str:
    who = pick("本单位微型消防站", "the unit's own station") if one.own else listed(one.who)
    people = "" if one.own else pick(f"，合计 {one.strength} 人", f", {one.strength} people in all")
    if not one.own and not one.strength:
        people = pick("，仅在规则要求时", ", only where a rule says so")
    at_once, back = pick("立即调派", "called at once"), pick("按到场时限倒推调派", "called backwards from it")
    limit = pick(_long(one.milestone, 0), _long(one.milestone, 1))
    return pick(
        f"{one.name}：{who}{people}，{limit}内{word(one.meaning)}，{at_once if one.at_once else back}",
        f"{one.name}: {who}{people}; by {limit} {word(one.meaning)}; {at_once if one.at_once else back}",
    )


def _check(one: Check, pick: Pick, listed: Listed) -> str:
    if not one.after:
        return pick(f"{one.name}：立即通知{listed(one.who)}", f"{one.name}: at once the {listed(one.who)}")
    return pick(
        f"{one.name}：{_long(one.after, 0)}后或前者不应答时，{listed(one.who)}",
        f"{one.name}: after {_long(one.after, 1)}, or when those before do not answer, the {listed(one.who)}",
    )


def _rule(one: Rule, pick: Pick, listed: Listed, word: Callable[[str], str]) -> str:
    when = [
        pick("场所为 ", "place is ") + "/".join(one.categories) if one.categories else "",
        pick("类型为", "kind is ") + listed(one.kinds) if one.kinds else "",
        pick("来源为", "reported by ") + listed(one.sources) if one.sources else "",
        pick(f"等级 ≥ {one.severity_at_least}", f"severity ≥ {one.severity_at_least}") if one.severity_at_least else "",
        _hours(one.hours) if one.hours is not None else "",
        pick("重要节点期间", "in a key period") + _which(one) if one.periods else "",
    ]
    then = [pick(f"{name} 合计 {people} 人", f"{name}: {people} people") for name, people in one.strengths]
    then += [
        f"{name} " + (pick("立即调派", "called at once") if now else pick("倒推调派", "called backwards"))
        for name, now in one.at_once
    ]
    if one.inform is not None:
        then.append(pick("通报", "told are ") + listed(one.inform))
    if one.inform_levels is not None:
        then.append(pick(_grids(one.inform_levels, 0), _grids(one.inform_levels, 1) + " grid"))
    then += [f"{word(name)} {_value(value, pick)}" for name, value in one.numbers]
    conditions = pick("，", ", ").join(part for part in when if part) or pick("始终", "always")
    return f"{conditions} → {pick('；', '; ').join(then)}"


def _which(one: Rule) -> str:
    return "" if ANY_PERIOD in one.periods else f" ({', '.join(one.periods)})"


def _value(value: object, pick: Pick) -> str:
    return pick(_long(value, 0), _long(value, 1)) if isinstance(value, timedelta) else str(value)


def _period(one: Period, pick: Pick) -> str:
    yearly = one.first[0] is None
    return f"{one.name}: {_day(one.first)} – {_day(one.last)}" + (pick("，每年", ", every year") if yearly else "")


def _grids(levels: tuple[int, ...], tongue: int) -> str:
    return ("、", ", ")[tongue].join(_LEVELS[one][tongue] for one in levels)


def _hours(span: Span) -> str:
    return f"{_time(span.start)}–{_time(span.until)}"


def _time(at: time) -> str:
    return f"{at:%H:%M}"


def _long(length: timedelta, tongue: int) -> str:
    seconds = length.total_seconds()
    for unit, (zh, en) in ((86400, ("天", "days")), (3600, ("小时", "h")), (60, ("分钟", "min"))):
        if seconds >= 2 * unit and seconds % unit == 0:
            return f"{seconds / unit:g} {(zh, en)[tongue]}"
    return f"{seconds:g} {('秒', 's')[tongue]}"
