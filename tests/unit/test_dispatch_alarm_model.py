"""Random readings, delays and steps of the clock: an alarm is as a simple model, told without timers, says it is."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import districts
from hypothesis import given, settings
from hypothesis import strategies as st
from stories import NOON, Story

from devices.profile import Level
from devices.rule import Rule
from dispatch.facts.alarm import AlarmState, Held

steps = st.lists(
    st.tuples(st.sampled_from([0, 1, 2, 3, 5, 8, 20, 70]), st.sampled_from([None, 0.0, 150.0, 250.0, 350.0])),
    max_size=40,
)
waits = st.sampled_from([0, 1, 5, 30])
times = st.sampled_from([0, 2, 5, 10])


@dataclass
class Model:
    """What a person would say by looking at the whole past: since when the condition is there, since when it is gone.

    Times in seconds. One level only. Three times on within a minute, it is held on until two minutes without a change;
    a fire never is.
    """

    delay: int
    off_delay: int
    latching: bool
    fire: bool
    state: str = "none"
    since: int = 0
    gone: int | None = None
    calm: int | None = None
    came_on: list[int] = field(default_factory=list)

    def pass_to(self, now: int) -> None:
        if self.state == "pending" and now - self.since >= self.delay:
            self._on(now)
        elif self.calm is not None and now >= self.calm:
            self.calm = None
            if self.gone is not None:
                self._over()
        elif self.calm is None and self.gone is not None and now - self.gone >= self.off_delay:
            self._over()

    def say(self, now: int, *, there: bool) -> None:
        if there and self.state in ("none", "cleared") and self.delay:
            self.state, self.since = "pending", now
        elif there and self.state in ("none", "cleared", "restored"):
            self._on(now)
        elif self.state == "pending" and not there:
            self.state = "cleared"
        elif self.state == "active" and there != (self.gone is None):
            self.gone = None if there else now
            if self.calm is not None:
                self.calm = now + 120
            elif self.gone is not None and not self.off_delay:
                self._over()

    def _on(self, now: int) -> None:
        self.state = "active"
        self.came_on.append(now)
        if not self.fire and sum(now - at < 60 for at in self.came_on) >= 3:
            self.calm = now + 120

    def _over(self) -> None:
        self.state, self.gone = ("restored" if self.latching else "cleared"), None


@settings(max_examples=200, deadline=None)
@given(delay=times, off_delay=times, manner=st.sampled_from(["fire", "plain", "latching"]), said=steps)
def test_an_alarm_is_as_its_readings_delays_and_the_clock_make_it(
    delay: int, off_delay: int, manner: str, said: list[tuple[int, float | None]]
) -> None:
    fire, latching = manner == "fire", manner != "plain"
    kind, column, device = ("fire", "smoke_db_m", "S-1") if fire else ("residual", "residual_ma", "E-1")
    told = _story(kind, column, Rule(delay_s=delay, off_delay_s=off_delay, latching=latching))
    model = Model(delay, off_delay, latching, fire)
    now = 0
    for wait, value in said:
        now += wait
        told.now = NOON + timedelta(seconds=now)
        told.tick()
        model.pass_to(now)
        if value is not None:
            told.reading(device, **{column: value})
            model.say(now, there=value >= 200)
        found = list(told.state.alarms.values())
        assert (found[-1].state.value if found else "none") == model.state
        assert (found[-1].held is Held.CHATTERING if found else False) == (model.calm is not None)
        assert bool(told.state.on) == (model.state not in ("none", "cleared"))
        assert bool(told.orders()) or model.state not in ("active", "restored")
    assert sum(one.state is not AlarmState.CLEARED for one in told.state.alarms.values()) <= 1


@settings(max_examples=60, deadline=None)
@given(said=st.lists(st.tuples(waits, st.sampled_from(["fire", "fire_restore", "manual_call"])), max_size=20))
def test_however_a_fire_chatters_it_is_there_and_somebody_comes(said: list[tuple[int, str]]) -> None:
    told = Story(districts.ruled())
    for wait, event in said:
        told.now += timedelta(seconds=wait)
        told.tick()
        told.event(event)
        on = {one.kind.value: one for one in told.state.alarms.values()}
        if event != "fire_restore":
            one = on["fire" if event == "fire" else "manual"]
            assert (one.state, one.held) == (AlarmState.ACTIVE, None)
            assert one.incident is not None
            assert told.orders()


def _story(kind: str, value_of: str, rule: Rule) -> Story:
    registry = districts.small()
    name = "electric-3p" if kind == "residual" else "smoke-photo"
    level = Level(value_of, kind, at_least=200, latching=rule.latching)
    profile = replace(registry.profiles[name], levels=(level,), rules={kind: rule})
    return Story(replace(registry, profiles={**registry.profiles, name: profile}))
