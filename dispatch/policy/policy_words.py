"""A policy in words, as a fire officer reads it, in Chinese and in English."""

from collections.abc import Iterator
from datetime import time, timedelta
from enum import StrEnum

from dispatch.policy.plan import ANY_PERIOD
from dispatch.policy.policy import Check, Period, Policy, Rule, Span, Tier

Pair = tuple[str, str]
"""The same in Chinese and in English."""

_WORDS: dict[str, Pair] = {
    "unit": ("单位微型消防站", "unit stations"),
    "community": ("社区微型消防站", "community stations"),
    "township": ("乡镇专职消防队", "township full-time teams"),
    "control_room": ("消防控制室", "fire control room"),
    "contact": ("户主或联系人", "household contact"),
    "warden": ("楼长", "building warden"),
    "manager": ("消防安全管理人", "fire-safety manager"),
    "leader": ("网格长", "grid leader"),
    "deputy": ("副网格长", "deputy grid leader"),
    "member": ("网格员", "grid member"),
    "patron": ("包保领导", "assigned official"),
    "police": ("民警", "police officer"),
    "fire": ("火警", "fire"),
    "manual": ("人工报警", "incident opened by hand"),
    "electrical": ("电气火灾危险", "electrical danger"),
    "device": ("设备", "a device"),
    "119": ("119", "119"),
    "phone": ("电话", "telephone"),
    "patrol": ("巡查人员", "patrol"),
    "resident": ("居民", "resident"),
    "verify": ("核警人员", "those asked to verify"),
    "respond": ("已接令的出动人员", "crews that have acknowledged"),
    "respond_there": ("已到场的出动人员", "crews on scene"),
    "attend": ("已接令的网格长", "grid leaders who have acknowledged"),
    "attend_there": ("已到场的网格长", "grid leaders on scene"),
    "residential": ("住宅", "housing"),
    "high_rise": ("高层建筑", "high-rise"),
    "three_in_one": ("三合一场所", "three-in-one premises"),
    "dormitory": ("宿舍", "dormitory"),
    "hotel": ("宾馆、旅馆", "hotel"),
    "hospital": ("医院", "hospital"),
    "nursing_home": ("养老机构", "nursing home"),
    "school": ("学校", "school"),
    "mall": ("商场", "shopping mall"),
    "entertainment": ("公共娱乐场所", "place of entertainment"),
    "医疗": ("医院", "hospital"),
    "学校": ("学校", "school"),
    "商场": ("商场", "shopping mall"),
    "养老院": ("养老机构", "nursing home"),
    "住宅": ("住宅", "housing"),
    "宿舍": ("宿舍", "dormitory"),
    "旅馆": ("宾馆、旅馆", "hotel"),
}
"""Codes, and categories of places in either language; a category that is not here stands as the registry has it."""
_MILESTONES: dict[str, Pair] = {
    "responded": ("{}内启动响应", "has responded within {}"),
    "on_scene": ("{}内到场扑救初起火灾", "on scene within {} to fight the incipient fire"),
    "fighting_together": ("{}内到场协同作战", "on scene within {} to fight together with the brigade"),
}
NUMBER_WORDS: dict[str, Pair] = {
    "acknowledge_within": ("接令时限 {}", "to be acknowledged within {}"),
    "turn_out_within": ("接令后出动时限 {}", "to turn out within {} of acknowledging"),
    "unverified_limit": ("{}仍未核实即拨打 119 报警", "119 is to be called if nobody has verified after {}"),
    "brigade_from_severity": ("警情 {} 级起立即拨打 119 报警", "119 is to be called at once from severity {}"),
    "deliver_within": ("{}未送达即外呼", "webhook if not delivered within {}"),
    "drill_calls": ("演练时外呼：{}", "webhooks in exercises: {}"),
    "help_people": ("请求增援未说明人数的，增派 {} 人", "people sent on a request for help without a number: {}"),
    "look_again_every": ("力量不足时每 {}重新查找", "while short, stations are looked for again every {}"),
    "look_again_for": ("重新查找至接警后 {}", "stations are looked for again until {} after the opening"),
    "maintain_within": ("维保指令时限 {}", "maintenance orders to be answered within {}"),
    "check_every": ("查岗间隔 {}", "duty check every {}"),
    "check_within": ("查岗应答时限 {}", "duty checks to be answered within {}"),
    "check_covers": ("查岗应答 {}内有效", "an answered duty check counts for {}"),
    "watch_at_most": ("无排班时接班后最长值守 {}", "without a roster, a watch counts for {} at most"),
    "handover_ahead": ("可提前 {}接班", "the next shift may take over {} ahead"),
}
"""What a rule may set; `{}` stands for the value."""
_LEVELS: dict[int, Pair] = {3: ("小网格", "small"), 2: ("中网格", "middle"), 1: ("大网格", "large")}


def said(policy: Policy) -> str:
    """The whole policy, Chinese first, then English."""
    return "\n".join([*_Tongue(policy, 0).lines(), "", *_Tongue(policy, 1).lines(), ""])


def word(code: str, tongue: int) -> str:
    """A category, kind or duty in Chinese (0) or English (1); a code that is no word of ours as it is."""
    return _WORDS.get(code, (code, code))[tongue]


def lines(policy: Policy) -> tuple[list[str], list[str]]:
    """The same line by line, in Chinese and in English."""
    return list(_Tongue(policy, 0).lines()), list(_Tongue(policy, 1).lines())


class _Tongue:
    """The policy in Chinese (0) or English (1)."""

    def __init__(self, policy: Policy, tongue: int) -> None:
        self._policy = policy
        self._tongue = tongue
        self._tiers = {one.name: one.title[tongue] or one.name for one in policy.tiers}
        self._periods = {one.name: one.title[tongue] or one.name for one in policy.periods}

    def lines(self) -> Iterator[str]:
        policy = self._policy
        yield self._pick("调派预案：", "Dispatch policy: ") + self._called(policy)
        yield self._pick("一、力量调派（按到场时间计）", "1. Who is called, counted by arrival")
        yield from (f"  · {self._tier(one)}" for one in policy.tiers)
        yield self._pick("二、核警（与出动同步进行）", "2. Verification, beside the crew")
        yield from (f"  · {self._check(one)}" for one in policy.checks)
        yield from (f"  · {one}" for one in self._found())
        yield self._pick("三、无人应答", "3. When nobody answers")
        yield from (f"  · {one}" for one in self._unanswered())
        if policy.rules:
            yield self._pick("四、规则（依次适用，后者优先）", "4. Rules, in this order, the later wins")
            yield from (f"  · {self._rule(one)}" for one in policy.rules)
        if policy.periods:
            yield self._pick("五、重要节点", "5. Key periods")
            yield from (f"  · {self._period(one)}" for one in policy.periods)

    def _pick(self, zh: str, en: str) -> str:
        return (zh, en)[self._tongue]

    def _word(self, code: str) -> str:
        return word(code, self._tongue)

    def _listed(self, codes: tuple[StrEnum, ...] | tuple[str, ...], last: str = "") -> str:
        words = list(dict.fromkeys(self._word(str(one)) for one in codes))
        if self._tongue == 0 or not last or len(words) < 2:
            return self._pick("、", ", ").join(words)
        return f"{', '.join(words[:-1])} {last} {words[-1]}"

    def _called(self, one: Policy | Tier | Check | Rule | Period) -> str:
        """Its title, with the name that the file, orders and statistics know it by."""
        title = one.title[self._tongue]
        return title + self._pick(f"（{one.name}）", f" ({one.name})") if title else one.name

    def _tier(self, one: Tier) -> str:
        who = self._pick("本单位微型消防站", "the unit's own station") if one.own else self._listed(one.who, "and")
        parts = [who, _MILESTONES[one.meaning][self._tongue].format(self._long(one.milestone))]
        if not one.own:
            parts.append(
                self._at_least(one.strength)
                if one.strength
                else self._pick("人数由下列规则确定", "only where a rule below wants people")
            )
        parts.append(self._when_called(at_once=one.at_once))
        return self._pick("：", ": ").join((self._called(one), self._pick("，", "; ").join(parts)))

    def _at_least(self, people: int) -> str:
        return self._pick(
            f"累计不少于 {people} 人", f"at least {people} {'person' if people == 1 else 'people'} in all"
        )

    def _when_called(self, *, at_once: bool) -> str:
        if at_once:
            return self._pick("立即调派", "called at once")
        return self._pick("按到场时限倒推调派", "called in time to be there by then")

    def _check(self, one: Check) -> str:
        who = self._listed(one.who, "and")
        if not one.after:
            return self._pick(f"{self._called(one)}：立即通知{who}核实", f"{self._called(one)}: the {who}, at once")
        after = self._long(one.after)
        return self._pick(
            f"{self._called(one)}：{after}后通知{who}核实；此前通知的人员均无法核实或超时的，立即通知；有人正在核实的，不通知",
            f"{self._called(one)}: the {who}, after {after}; at once when all asked before have declined or not "
            "answered; not while one of them is looking",
        )

    def _found(self) -> Iterator[str]:
        """What follows from what is found, or when nothing is."""
        policy = self._policy
        yield self._pick(
            f"核实为误报的，立即撤回在途力量；以下人员的报告有效：{self._listed(policy.false_from)}",
            "Found false, whoever is still on the way is stood down at once; whose word counts: "
            + self._listed(policy.false_from),
        )
        grids, informed = self._grids(policy.inform_levels), self._listed(policy.inform, "and")
        yield self._pick(
            f"核实为真实火警的，警情升为 4 级，立即拨打 119 报警，并通知{grids}的{informed}",
            f"Confirmed, severity is 4, 119 is to be called at once, and the {informed} of the {grids} are informed",
        )
        limit = self._long(policy.unverified_limit)
        yield self._pick(
            f"{limit}仍未核实的，或警情达到 {policy.brigade_from_severity} 级的，拨打 119 报警",
            f"119 is to be called too when nobody has verified after {limit}, and from severity "
            f"{policy.brigade_from_severity}",
        )

    def _unanswered(self) -> Iterator[str]:
        policy = self._policy
        acknowledge, turn_out = self._long(policy.acknowledge_within), self._long(policy.turn_out_within)
        yield self._pick(
            f"{acknowledge}未接令的，改派下一顺位；接令后 {turn_out}未出动的，同样改派",
            f"Not acknowledged within {acknowledge}, the next is called; so too when a crew has not turned out within "
            f"{turn_out} of acknowledging",
        )
        climbing = self._listed(policy.night_climbs)
        yield self._pick(
            f"夜间（{_hours(policy.night)}）仅{climbing}逐级升级至上级网格；维保指令待夜间结束后下达",
            f"At night ({_hours(policy.night)}) only these climb to the grids above: {climbing}; "
            "maintenance waits until the night is over",
        )

    def _rule(self, one: Rule) -> str:
        conditions = self._pick("，", ", ").join(filter(None, self._conditions(one)))
        follows = self._pick("；", "; ").join(self._follows(one))
        return (
            f"{self._called(one)}{self._pick('：', ': ')}{conditions or self._pick('任何警情', 'always')} → {follows}"
        )

    def _conditions(self, one: Rule) -> Iterator[str]:
        yield self._listed(one.categories, "or")
        yield self._listed(one.kinds, "or")
        if one.sources:
            who = self._listed(one.sources, "or")
            yield self._pick(f"由{who}报警", f"reported by {who}")
        if one.severity_at_least:
            yield self._pick(f"{one.severity_at_least} 级及以上", f"severity {one.severity_at_least} and above")
        if one.hours is not None:
            yield _hours(one.hours)
        if one.periods and ANY_PERIOD not in one.periods:
            yield self._pick("、", " or ").join(self._periods[name] for name in one.periods) + self._pick("期间", "")
        elif one.periods:
            yield self._pick("重要节点期间", "in a key period")

    def _follows(self, one: Rule) -> Iterator[str]:
        at_once = dict(one.at_once)
        for name, people in one.strengths:
            said = f"{self._tiers[name]}{self._pick('', ': ')}{self._at_least(people)}"
            now = at_once.pop(name, None)
            yield said if now is None else said + self._pick("，", ", ") + self._when_called(at_once=now)
        for name, now in at_once.items():
            yield f"{self._tiers[name]}{self._pick('', ': ')}{self._when_called(at_once=now)}"
        if one.inform is not None:
            yield self._pick("通知", "informed are ") + self._listed(one.inform, "and")
        if one.inform_levels is not None:
            yield self._pick("通知至", "informed are the ") + self._grids(one.inform_levels)
        for name, value in one.numbers:
            yield NUMBER_WORDS[name][self._tongue].format(self._value(value))

    def _value(self, value: object) -> str:
        if isinstance(value, bool):
            return self._pick("是" if value else "否", "yes" if value else "no")
        return self._long(value) if isinstance(value, timedelta) else str(value)

    def _period(self, one: Period) -> str:
        days = self._pick("至 ", " to ").join((self._day(one.first), self._day(one.last)))
        every = self._pick("每年 ", "every year, ") if one.first[0] is None else ""
        return f"{self._called(one)}{self._pick('：', ': ')}{every}{days}"

    def _day(self, day: tuple[int | None, int, int]) -> str:
        year, month, date = day
        if self._tongue == 0:
            return (f"{year} 年 " if year is not None else "") + f"{month} 月 {date} 日"
        return f"{date} {_MONTHS[month - 1]}" + (f" {year}" if year is not None else "")

    def _grids(self, levels: tuple[int, ...]) -> str:
        names = [_LEVELS[one][self._tongue] for one in levels]
        if self._tongue == 0:
            return "、".join(names)
        return f"{', '.join(names[:-1])} and {names[-1]} grids" if len(names) > 1 else f"{''.join(names)} grid"

    def _long(self, length: timedelta) -> str:
        seconds = length.total_seconds()
        for unit, least, names in _UNITS:
            if seconds >= least and seconds % unit == 0:
                return f"{seconds / unit:g} {names[self._tongue]}"
        return f"{seconds:g} {self._pick('秒', 's')}"


_UNITS = ((86400, 2 * 86400, ("天", "days")), (3600, 3600, ("小时", "h")), (60, 60, ("分钟", "min")))
"""Seconds of the unit, the least length told in it, and its names."""
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def _hours(span: Span) -> str:
    return f"{_time(span.start)}–{_time(span.until)}"


def _time(at: time) -> str:
    return f"{at:%H:%M}"
