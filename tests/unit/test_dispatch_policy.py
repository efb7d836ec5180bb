"""The policy file: what it says, what is refused and how, and which rules apply when."""

import re
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from devices.passage import Wrong
from dispatch.policy import policy_data, policy_file, policy_words
from dispatch.policy.plan import Case, resolve
from dispatch.policy.policy import NUMBERS, OF_THE_SYSTEM, Period, Policy, Span
from dispatch.policy.policy_text import parse

SHIPPED = policy_file.SHIPPED.read_text(encoding="utf-8")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
NIGHT = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)


def test_the_shipped_file_says_what_the_program_does_without_one_and_every_number() -> None:
    shipped = policy_file.shipped()
    assert replace(shipped, rules=(), periods=(), digest="") == Policy()
    assert len(shipped.digest) == 64
    said = parse(SHIPPED, "default.toml")
    assert said == shipped
    assert [name for name in NUMBERS if f"\n{name} = " not in SHIPPED] == []  # write a new number into default.toml


def test_every_number_can_be_set_by_name() -> None:
    for name in NUMBERS:
        before = getattr(Policy(), name)
        new, meant = ("7 s", timedelta(seconds=7)) if isinstance(before, timedelta) else (7, 7)
        if isinstance(before, bool):
            new = meant = not before
        text = f'name = "x"\n[numbers]\n{name} = {str(new).lower() if isinstance(new, bool) else repr(new)}'
        assert getattr(parse(text, "x.toml"), name) == meant, name


def _tier(who: str = "'own_station'", means: str = "on_scene", call: str = "at_once") -> str:
    return f"[[tier]]\nname='a'\nwho={who}\nmilestone='1 s'\nmeans='{means}'\ncall='{call}'"


def _rule(when: str = "", then: str = "") -> str:
    return f"[[rule]]\nname='a'\nwhen={{{when}}}\nset={{{then}}}"


def _period(first: str, last: str) -> str:
    return f"[[period]]\nname='p'\nfrom='{first}'\nuntil='{last}'"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("[numbers]\nacknowledge_witin = '60 s'", "x.toml, line 3, numbers: acknowledge_witin: unknown"),
        ("[numbers]\njoin_window = 30", 'line 3, numbers: join_window: must be a length of time, such as "30 s"'),
        ("[numbers]\nhelp_people = 1.5", "line 3, numbers: help_people: must be a whole number"),
        ("[numbers]\ntravel_limit_s = -1", "line 3, numbers: travel_limit_s: must be a number"),
        ("[numbers]\ndrill_calls = 1", "line 3, numbers: drill_calls: must be a number, such as false"),
        ("nme = 'x'", "line 2: nme: unknown; there are name, title"),
        (_tier(who="['brigade']"), "line 4, tier: who: 'brigade' is none of"),
        (_tier(means="there"), "line 6, tier: means: must be one of responded"),
        (_tier(call="soon"), 'line 7, tier: call: must be "at_once" or "backwards"'),
        (_tier(), "tier: no tier wants anybody"),
        ("[[verify]]\nname='a'\nwho=['leader']\nafter='0 s'", "line 4, verify: who: 'leader' is none of control_room"),
        (_rule("severity_at_least=9"), "line 4, rule.when: severity_at_least: must be 1 to 4"),
        (_rule("hours='late'"), "line 4, rule.when: hours: must be a span"),
        (_rule("period='fair'"), "line 4, rule.when: period: must be"),
        (_rule(then="keep_closed='1 h'"), "line 5, rule.set: keep_closed: unknown"),
        (_rule(then="strength={third=2}"), "rule.set.strength: third: unknown; there are first, support"),
        (f"{_rule()}\n{_rule()}", "line 7, rule: name: 'a' stands twice"),
        (_period("02-30", "03-01"), "line 4, period: from: must be a day"),
        (_period("10-01", "2026-10-07"), "line 5, period: until: from and until must both"),
        (_period("2026-10-07", "2026-10-01"), "line 5, period: until: lies before from"),
        ("[night]\nfrom='25:00'\nuntil='06:00'", "line 3, night: from: must be an hour"),
        ("[verification]\nfalse_from=['anybody']", "line 3, verification: false_from: 'anybody' is none of"),
        ("title = '增援'", 'line 2: title: must be words in one or both languages, such as { zh = "增援力量"'),
        (_tier().replace("who", "title={de='Löschzug'}\nwho", 1), "line 4, tier: title: de: unknown; there are zh, en"),
        (_rule().replace("when", "title={en=''}\nwhen", 1), "line 4, rule: title: en: must be a line of 1 to 60"),
        (_rule().replace("when", "title={zh='站\t'}\nwhen", 1), "line 4, rule: title: zh: must be a line of 1 to 60"),
        (f"title = {{ zh = '{'长' * 61}' }}", "line 2: title: zh: must be a line of 1 to 60 characters"),
        ("[[verify]]\nname='a'\ntitle=7\nwho=['warden']\nafter='0 s'", "line 4, verify: title: must be words"),
        (_period("10-01", "10-07") + "\ntitle=[]", "line 6, period: title: must be words"),
        ("x = ", "x.toml: no TOML: "),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_what_to_write(wrong: str, says: str) -> None:
    with pytest.raises(Wrong) as raised:
        parse(f"name = 'x'\n{wrong}", "x.toml")
    assert says in str(raised.value)


def test_a_file_that_is_not_there_is_said(tmp_path) -> None:
    with pytest.raises(Wrong, match="correct FIREGRID_POLICY"):
        policy_file.load(tmp_path / "none.toml")


def test_rules_apply_in_order_and_the_last_wins() -> None:
    text = 'name="x"\n[[rule]]\nname="a"\nset={strength={first=2,support=4},acknowledge_within="40 s"}\n'
    text += '[[rule]]\nname="b"\nwhen={kind=["fire"]}\nset={strength={first=3},call={support="at_once"}}'
    plan = resolve(parse(text, "x"), Case(kind="fire"), NOON)
    assert plan.rules == ("a", "b")
    assert [(one.strength, one.at_once) for one in plan.policy.tiers] == [(0, True), (3, True), (4, True)]
    assert plan.policy.acknowledge_within == timedelta(seconds=40)
    assert resolve(parse(text, "x"), Case(kind="electrical"), NOON).rules == ("a",)


@pytest.mark.parametrize(
    ("when", "case", "local", "fits"),
    [
        ("category=['mall']", Case(category="mall"), NOON, True),
        ("category=['mall']", Case(category=None), NOON, False),
        ("source=['119','patrol']", Case(source="119"), NOON, True),
        ("source=['119']", Case(source="device"), NOON, False),
        ("severity_at_least=3", Case(severity=3), NOON, True),
        ("severity_at_least=3", Case(severity=2), NOON, False),
        ("hours='22:00-06:00'", Case(), NIGHT, True),
        ("hours='22:00-06:00'", Case(), NOON, False),
        ("hours='22:00-06:00'", Case(), NOON.replace(hour=6), False),
        ("hours='22:00-06:00'", Case(), NOON.replace(hour=22), True),
        ("period='any'", Case(), NOON.replace(month=10, day=1), True),
        ("period='any'", Case(), NOON.replace(month=9, day=30), False),
        ("period='any'", Case(), NOON, False),
        ("period=['p']", Case(), NOON.replace(month=10, day=7, hour=23), True),
        ("period=['p']", Case(), NOON.replace(month=10, day=8, hour=0), False),
    ],
)
def test_a_rule_holds_where_all_of_its_conditions_do(when: str, case: Case, local: datetime, *, fits: bool) -> None:
    text = f'name="x"\n[[period]]\nname="p"\nfrom="10-01"\nuntil="10-07"\n[[rule]]\nname="a"\nwhen={{{when}}}'
    assert (resolve(parse(text, "x"), case, local).rules == ("a",)) is fits


def test_a_period_may_run_over_new_year_or_name_its_year() -> None:
    yearly = Period("p", (None, 12, 31), (None, 1, 2))
    for month, day, covered in ((12, 30, False), (12, 31, True), (1, 2, True), (1, 3, False)):
        assert yearly.covers(NOON.replace(month=month, day=day).date()) is covered
    once = Period("p", (2026, 12, 31), (2027, 1, 2))
    assert once.covers(NOON.replace(month=12, day=31).date())
    assert not once.covers(NOON.replace(year=2027, month=12, day=31).date())


def test_hours_that_end_where_they_begin_are_the_whole_day() -> None:
    assert all(Span(time(8), time(8)).covers(time(hour)) for hour in range(24))


def test_only_what_the_policy_names_climbs_at_night() -> None:
    policy = policy_file.shipped()
    assert resolve(policy, Case(kind="fire"), NIGHT).climbs
    assert not resolve(policy, Case(kind="electrical"), NIGHT).climbs
    assert resolve(policy, Case(kind="electrical"), NOON).climbs


def test_the_words_name_every_tier_rule_period_and_ruled_number_in_both_languages() -> None:
    policy = policy_file.shipped()
    chinese, english = policy_words.said(policy).split("\n\n")
    for text in (chinese, english):
        for one in (*policy.tiers, *policy.checks, *policy.rules, *policy.periods):
            assert one.name in text
    for tongue, text in enumerate((chinese, english)):
        for one in (policy, *policy.tiers, *policy.checks, *policy.rules, *policy.periods):
            assert one.title[tongue] in text
    assert "3 分钟" in chinese
    assert "119" in english
    ruled = [name for name in NUMBERS if name not in OF_THE_SYSTEM]
    assert set(policy_words.NUMBER_WORDS) == set(ruled)
    made = "\n".join(f'[[rule]]\nname="r-{name}"\nset={{{name}={_written(name)}}}' for name in ruled)
    assert len(policy_words.said(parse(f'name="x"\n{made}', "x")).splitlines()) > 2 * len(ruled)


def test_the_chinese_words_hold_no_english_and_the_english_no_chinese_but_for_names() -> None:
    chinese, english = policy_words.said(policy_file.shipped()).split("\n\n")
    assert re.findall(r"[A-Za-z]+", re.sub(r"（[a-z0-9-]+）", "", chinese)) == []
    assert re.findall("[\u4e00-\u9fff]+", english) == []


def test_what_has_no_title_is_called_by_its_name() -> None:
    text = 'name="ours"\n[[rule]]\nname="a"\ntitle={zh="夜间"}\nwhen={category=["塔楼"]}\nset={strength={support=6}}'
    policy = parse(text, "x")
    chinese, english = policy_words.said(policy).split("\n\n")
    assert chinese.startswith("调派预案：ours\n")
    assert "  · 夜间（a）：塔楼 → 增援力量累计不少于 6 人" in chinese
    assert "  · a: 塔楼 → Reinforcement: at least 6 people in all" in english
    data = policy_data.data(policy)
    assert (data["title"], data["rules"][0]["title"]) == ({"zh": "ours", "en": "ours"}, {"zh": "夜间", "en": "a"})


def test_a_rule_that_keeps_a_tier_back_or_informs_others_is_said() -> None:
    text = (
        'name="x"\n[[period]]\nname="fair"\nfrom="10-01"\nuntil="10-02"\n[[rule]]\nname="a"\nwhen={period=["fair"]}\n'
    )
    text += 'set={call={first="backwards"},inform=["police","patron"],levels=[1],drill_calls=true,check_every="1 h"}'
    chinese, english = policy_words.said(parse(text, "x")).split("\n\n")
    assert (
        "a：fair期间 → 第一出动按到场时限倒推调派；通知民警、包保领导；通知至大网格；演练时外呼：是；查岗间隔 1 小时"
        in chinese
    )
    assert "a: fair → First crew: called in time to be there by then; informed are police officer and" in english


def _written(name: str) -> str:
    before = getattr(Policy(), name)
    return '"9 s"' if isinstance(before, timedelta) else "true" if isinstance(before, bool) else "9"


def test_the_policy_as_data_can_be_told_as_json() -> None:
    data = policy_data.data(policy_file.shipped())
    assert data["tiers"][1] == {
        "name": "first",
        "title": {"zh": "第一出动", "en": "First crew"},
        "who": ["unit", "community", "township"],
        "milestone_s": 180.0,
        "means": "on_scene",
        "call": "at_once",
        "strength": 1,
    }
    assert data["numbers"]["acknowledge_within"] == 60.0
    assert data["rules"][-1]["set"] == {"strength": {"first": 6, "support": 12}, "call": {"support": "at_once"}}
    assert data["night"] == {"from": "22:00", "until": "06:00", "climbs": ["fire", "manual"]}
