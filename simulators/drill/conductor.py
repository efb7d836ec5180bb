"""A scenario is played: smoke rises at a place it chooses, and everybody it concerns answers, or does not."""

import asyncio
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Protocol

import aiomqtt

from devices import catalogue, instant
from simulators.drill import report as reports
from simulators.drill.cast import Cast, Part
from simulators.drill.fire import Fire, rising
from simulators.drill.office import Office, Refusal
from simulators.drill.scene import Scene, choose, leaders, nearest
from simulators.drill.screen import Json
from simulators.drill.story import HEADING, Missing, Story
from simulators.scenario import Fault, Scenario, When

MINUTES: Final = 10
SYSTEM_S: Final = 5.0
"""What FireGrid may take for each step that needs no person (DESIGN section 4: a second on a loaded machine)."""
COMMAND: Final = "command:main"
FAULT_SEEN_S: Final = 0.2
"""After so long a part that was stopped is looked at."""


MARKS: Final = {When.ALARM: "incident", When.ORDERED: "ordered respond"}
"""What the story must know before a part fails; at `When.SMOKE` it fails at ignition."""


class Standing(Protocol):
    """Parts of the system that can be made to stand still."""

    def stop(self, part: str, lasts_s: float) -> None:
        """It stands still, soon after `lasts_s` at the latest no more. Raises Missing where it cannot be stopped."""

    def stands(self, part: str) -> bool:
        """Whether it does, seen from outside."""

    def resume(self, part: str) -> None:
        """It goes on."""


async def play(
    scenario: Scenario,
    *,
    http_url: str,
    ws_url: str,
    mqtt_host: str,
    mqtt_port: int,
    mqtt_tls: ssl.SSLContext | None = None,
    prefix: str,
    admin_token: str,
    token_for: Callable[[str, str], str],
    password_for: Callable[[str], str],
    seed: int,
    say: Callable[[str], None],
    report: Path | None = None,
    standing: Standing | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> int:
    """The drill was played against the running system, told step by step through `say`, and its traces are cleared.

    0 when every step came in time, 1 when one is missing. With `report`, that folder holds report.json and report.html.
    `token_for(role, code)`: a token; the code is empty for `command`. `ws_url`: the whole address, with `/ws`.
    `standing`: what plays the scenario's faults.
    """
    if scenario.faults and standing is None:
        parts = ", ".join(f"{one.part} for {one.lasts_s:g} s" for one in scenario.faults)
        say(f"{scenario.name} stops parts of the running system ({parts}): add --faults where that may be")
        return 1
    conductor = _Conductor(scenario, Office(http_url, admin_token), ws_url, token_for, seed, say, clock, standing)
    try:
        scene = await conductor.look_around()
        readings = [] if scene.level is None else await asyncio.to_thread(rising, scenario, scene.level)
        client = aiomqtt.Client(
            mqtt_host,
            mqtt_port,
            username=scene.gateway,
            password=password_for(scene.gateway),
            identifier=f"{scene.gateway}.drill",
            timeout=SYSTEM_S,
            tls_context=mqtt_tls,
        )
        async with client:
            await conductor.play(scene, readings, client, f"{prefix}/{scene.gateway}")
    except (Refusal, OSError, ValueError, aiomqtt.MqttError) as error:
        say(f"the drill could not be played: {error}")
        return 1
    if report is not None:
        await asyncio.to_thread(reports.write, report, conductor.result())
        say(f"report: {report / 'report.html'}")
    return 0 if conductor.passed else 1


@dataclass(slots=True)
class _Conductor:
    """Plays one drill and remembers what the report needs."""

    scenario: Scenario
    office: Office
    ws_url: str
    token_for: Callable[[str, str], str]
    seed: int
    say: Callable[[str], None]
    clock: Callable[[], datetime]
    standing: Standing | None
    names: dict[str, str] = field(default_factory=lambda: {COMMAND: "command screen"})
    ready: list[str] = field(default_factory=list)
    incident: Json = field(default_factory=dict)
    drill: str = ""
    began: str = ""
    trouble: list[str] = field(default_factory=list)
    story: Story = field(init=False)
    scene: Scene | None = None

    def __post_init__(self) -> None:
        self.story = Story(self.say)

    @property
    def passed(self) -> bool:
        """True when every step came in time and nothing else went wrong."""
        return self.story.ok and not self.trouble

    async def look_around(self) -> Scene:
        """The scene is chosen and everybody's name known."""
        every = self.office.every
        places, devices, stations = await every("places"), await every("devices"), await every("stations")
        opened = await every("incidents", state="open")
        busy = {grid["code"] for one in opened for grid in one["grid"][:1]}
        scene = choose(places, devices, catalogue.load(), busy, self.seed, self.scenario)
        people = await every("people", grid=scene.grids[-1])
        self.names |= {f"station:{one['code']}": one["name"] for one in stations}
        self.names |= {f"person:{one['code']}": one["name"] for one in people}
        self.names |= {f"control_room:{one['code']}": f"{one['name']}消防控制室" for one in places}
        self.ready = [f"station:{code}" for code in nearest(scene, stations)]
        self.ready += [f"person:{code}" for code in leaders(scene, people)[:2]]
        self.scene = scene
        return scene

    async def play(
        self, scene: Scene, readings: Sequence[tuple[float, float]], client: aiomqtt.Client, topic: str
    ) -> None:
        """The drill has been opened, played and closed again, whatever happened in between."""
        devices = [scene.sensor["code"], scene.neighbour["code"]]
        opened = await self.office.call(
            "POST", "/api/drills", {"scenario": self.scenario.name, "devices": devices, "minutes": MINUTES}
        )
        self.drill, self.began = opened["id"], instant.text(self.clock())
        fire = Fire(client, topic, scene, readings, self.drill, self.clock)
        cast = Cast(self.ws_url, self.token_for, self.drill, self.scenario, self.seed, self.story, self._name)
        try:
            self._introduce(scene)
            cast.join(COMMAND, lambda incident: self._seen(incident, cast))
            for recipient in self.ready:
                cast.join(recipient)
            await cast.ready()
            async with asyncio.TaskGroup() as faults:
                for one in self.scenario.faults:
                    faults.create_task(self._fail(one))
                await self._burn(fire, cast)
            await self._settle(fire)
        except* (Missing, Refusal, OSError, aiomqtt.MqttError) as reasons:
            self.trouble += [str(one) or "a screen was not let in within ten seconds" for one in _leaves(reasons)]
        finally:
            await self._clear(fire)
            await cast.leave()
            self.trouble += cast.trouble
            self._conclude()

    async def _fail(self, fault: Fault) -> None:
        """The part has stood still for its time, as seen from outside, and goes on whatever happens.

        Raises Missing when it never did.
        """
        if self.standing is None:
            raise Missing("nothing here can stop a part of the system")
        if fault.when in MARKS:
            await self.story.reach(MARKS[fault.when])
        try:
            await asyncio.to_thread(self.standing.stop, fault.part, fault.lasts_s)
            await asyncio.sleep(FAULT_SEEN_S)
            if not await asyncio.to_thread(self.standing.stands, fault.part):
                raise Missing(f"the fault did not happen: {fault.part} does not stand still")
            self.story.tell(f"fault: {fault.part} stands still", f"for {fault.lasts_s:g} s")
            await asyncio.sleep(fault.lasts_s - FAULT_SEEN_S)
        finally:
            self.standing.resume(fault.part)
        self.story.tell(f"fault: {fault.part} goes on", "")

    def _introduce(self, scene: Scene) -> None:
        place, sensor, neighbour = scene.place, scene.sensor, scene.neighbour
        self.say(f"演练 drill {self.drill}  {self.scenario.name} {self.scenario.title[0]}  seed {self.seed}")
        self.say(f"  place     {place['name']} ({place['code']}), {place['address']}")
        grids = " < ".join(grid["name"] for grid in sensor["grid"])
        self.say(f"  grids     {grids}")
        self.say(f"  burning   {sensor['code']} {sensor['floor']}F {sensor['room']}")
        self.say(f"  next      {neighbour['code']} {neighbour['floor']}F {neighbour['room']}")
        self.say("")
        self.say(HEADING)

    def _seen(self, incident: Json, cast: Cast) -> None:
        """A command screen was shown `incident`."""
        if not incident["drill"] or incident.get("drill_id", self.drill) != self.drill:
            return
        self.incident = incident
        self.story.see("incident")
        if len(incident["alarms"]) > 1:
            self.story.see("two alarms")
        if incident["state"] == "closed":
            self.story.see("incident closed")
        cast.look_for_others(incident["orders"])
        for order in incident["orders"]:
            cast.join(order["recipient"])
            cast.look_for_delivery(order)

    async def _burn(self, fire: Fire, cast: Cast) -> None:
        """It burned, and everybody who was ordered has done their part.

        Raises Missing.
        """
        scene, story = fire.scene, self.story
        story.ignite()
        story.tell("ignition, smoke rises", str(scene.place["name"]))
        await fire.smoulder(story)
        sensor = scene.sensor["code"]
        level = "fire published" if scene.level is None else f"smoke at {scene.level:g} dB/m published"
        await story.expect("at level", level, lambda: sensor, after=None, within_s=2 * SYSTEM_S)
        await story.expect("incident", "alarm on screen", self._named(COMMAND), after="at level", within_s=SYSTEM_S)
        for kind in ("respond", "attend"):
            who = self._ordered(cast, kind)
            await story.expect(f"ordered {kind}", f"order frame: {kind}", who, after="at level", within_s=SYSTEM_S)
        story.see("spread")
        await fire.spread()
        told: set[str] = set()
        acts = [self._joined(scene)]
        while fresh := [part for part in cast.parts.values() if part.order["id"] not in told]:
            told |= {part.order["id"] for part in fresh}
            acts += [self._delivered(part) for part in fresh]
            acts += [cast.expect_all(part, self._named(part.order["recipient"])) for part in fresh]
            outcomes = await asyncio.gather(*acts, return_exceptions=True)
            acts = []
            for outcome in outcomes:
                if isinstance(outcome, BaseException):
                    raise outcome

    async def _joined(self, scene: Scene) -> None:
        neighbour = str(scene.neighbour["code"])
        await self.story.expect(
            "two alarms", "neighbour joins the incident", lambda: neighbour, after="spread", within_s=SYSTEM_S
        )

    async def _delivered(self, part: Part) -> None:
        order, who = part.order, self._named(part.order["recipient"])
        await self.story.expect(
            f"{order['id']} delivered",
            f"delivered: {order['kind']}",
            who,
            after=f"ordered {order['id']}",
            within_s=SYSTEM_S,
        )

    async def _settle(self, fire: Fire) -> None:
        """The incident has its verdict and is closed, its alarms are reset.

        Raises Missing, Refusal.
        """
        story, incident = self.story, self.incident["id"]
        await self.office.call("POST", f"/api/incidents/{incident}/verdict", {"verdict": "test"})
        story.see("verdict")
        story.tell("verdict: test", "administrator")
        await story.expect(
            "incident closed", "incident closed", self._named(COMMAND), after="verdict", within_s=SYSTEM_S
        )
        await fire.out()
        for alarm in (await self.office.call("GET", f"/api/incidents/{incident}"))["alarms"]:
            await self.office.call("POST", f"/api/alarms/{alarm['id']}/actions", {"action": "reset"})
        story.tell("alarms reset", "administrator")
        self.incident = await self.office.call("GET", f"/api/incidents/{incident}")

    async def _clear(self, fire: Fire) -> None:
        """Nothing of the drill stays open, even where it stopped half-way: except that a drill whose items have not all
        been seen to arrive runs on to its end, because an item that comes after its drill is closed is a real fire.
        """
        call = self.office.call
        if self.incident and self.story.at("verdict") is None:
            incident = self.incident["id"]
            with suppress(Refusal, OSError, aiomqtt.MqttError):
                await fire.out()
            with suppress(Refusal, OSError):
                await call("POST", f"/api/incidents/{incident}/verdict", {"verdict": "test"})
            with suppress(Refusal, OSError):
                await call("POST", f"/api/incidents/{incident}/stand-down")
            for alarm in self.incident["alarms"]:
                with suppress(Refusal, OSError):
                    await call("POST", f"/api/alarms/{alarm['id']}/actions", {"action": "reset"})
        if self.story.at("at level") is not None and self.story.at("two alarms") is None:
            self.trouble.append(f"{self.drill} stays open for {MINUTES} minutes: its alarms may still be on their way")
            return
        with suppress(Refusal, OSError):
            await call("POST", f"/api/drills/{self.drill}/close")

    def _conclude(self) -> None:
        self.say("")
        late = [step for step in self.story.steps if not step.ok]
        if self.passed:
            self.say(f"  passed: all {len(self.story.steps)} steps in {self.story.now_ms() / 1000:.1f} s")
            return
        self.say(f"  FAILED: {len(late)} of {len(self.story.steps)} steps missing or late")
        for text in self.trouble:
            self.say(f"  {text}")

    def _named(self, recipient: str) -> Callable[[], str]:
        return lambda: self._name(recipient)

    def _name(self, recipient: str) -> str:
        return self.names.get(recipient, recipient)

    def _ordered(self, cast: Cast, kind: str) -> Callable[[], str]:
        def who() -> str:
            first = next((part for part in cast.parts.values() if part.order["kind"] == kind), None)
            return "nobody" if first is None else self._named(first.order["recipient"])()

        return who

    def result(self) -> Mapping[str, Any]:
        """The drill as the report tells it."""
        scene = self.scene
        return {
            "scenario": self.scenario.name,
            "title": list(self.scenario.title),
            "drill": self.drill,
            "seed": self.seed,
            "began": self.began,
            "passed": self.passed,
            "place": dict(scene.place) if scene is not None else None,
            "grid": list(scene.sensor["grid"]) if scene is not None else [],
            "sensor": dict(scene.sensor) if scene is not None else None,
            "neighbour": dict(scene.neighbour) if scene is not None else None,
            "steps": [
                {
                    "step": step.name,
                    "who": step.who,
                    "at_ms": None if step.at_ms is None else round(step.at_ms, 1),
                    "took_ms": None if step.took_ms is None else round(step.took_ms, 1),
                    "within_ms": step.within_ms,
                    "ok": step.ok,
                }
                for step in self.story.steps
            ],
            "faults": [{"part": one.part, "when": one.when, "lasts_s": one.lasts_s} for one in self.scenario.faults],
            "trouble": self.trouble,
            "incident": self.incident,
            "names": self.names,
        }


def _leaves(group: BaseExceptionGroup[Any]) -> list[BaseException]:
    """The exceptions of a group and of the groups in it."""
    return [
        leaf for one in group.exceptions for leaf in (_leaves(one) if isinstance(one, BaseExceptionGroup) else [one])
    ]
