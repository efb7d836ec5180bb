"""What requests carry, and what answers look like; the latter for the OpenAPI document alone, it filters no answer."""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from devices.model import CODE

Code = Annotated[str, Field(pattern=f"^{CODE.pattern}$", description="letters, digits, dots, dashes, underscores")]
Note = Annotated[str | None, Field(max_length=2000, description="free text, kept apart from the ledger")]
Ref = Annotated[str | None, Field(min_length=1, max_length=200, description="said again, it is the same press")]
PressedAt = Annotated[int | float | str | None, Field(description="when it was pressed, where it waited for a line")]
Item = TypeVar("Item")


class Open(BaseModel):
    """Members beyond those named may come with it."""

    model_config = ConfigDict(extra="allow")


class Problem(Open):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str


class Credentials(BaseModel):
    """A user signs in."""

    user: str = Field(max_length=64)
    password: str = Field(max_length=256)


class Token(Open):
    """Signed in."""

    token: str
    role: str
    recipient: str | None
    expires_at: str


class Duty(BaseModel):
    """One duty of a person; a commander's has no scope."""

    duty: str = Field(max_length=64)
    scope: str | None = Field(None, max_length=64)


class NewUser(BaseModel):
    """Somebody who can sign in; `scope` for the roles that are for one code."""

    role: Literal["station", "person", "control_room", "command", "admin", "viewer"]
    scope: Code | None = None


class NewToken(NewUser):
    """A token to be given out, or put into a link."""

    days: float = Field(30, gt=0, le=3660)
    label: str | None = Field(None, max_length=64, pattern=f"^{CODE.pattern}$")


class GivenToken(BaseModel):
    """A token to be ended, as it was given out."""

    token: str = Field(max_length=1024)


class NewIncident(BaseModel):
    """Opened by hand: at a registered place, or at a point (WGS-84). `confirmed`: who reports it has seen it burn."""

    place: Code | None = None
    lon: Annotated[float | None, Field(ge=-180, le=180)] = None
    lat: Annotated[float | None, Field(ge=-90, le=90)] = None
    kind: Literal["fire", "electrical", "manual"]
    source: Literal["119", "phone", "patrol", "resident", "leader"]
    case_number: Code | None = None
    floor: int | None = None
    room: str | None = None
    confirmed: bool = False
    note: Note = None
    ref: Ref = None

    @model_validator(mode="after")
    def somewhere(self) -> "NewIncident":
        """It is at one place or at one point."""
        if (self.place is None) == (self.lon is None or self.lat is None):
            raise ValueError("give either place, or lon and lat")
        return self


class Verdict(BaseModel):
    """What it was. `cause` is a code; `outcome` holds numbers and codes."""

    verdict: Literal["real", "false", "test", "unfounded"]
    cause: Code | None = None
    outcome: dict[str, Any] | None = None
    note: Note = None
    ref: Ref = None


class FalseAlarms(Open):
    """False alarms of one device or place within the policy's `false_within`. `maintenance_at`: when somebody was last
    asked to put that right.
    """

    noun: Literal["device", "place"]
    code: str
    count: int
    causes: dict[str, int]
    first_at: str
    last_at: str
    incidents: list[str]
    maintenance_at: str | None


class Report(BaseModel):
    """What became of a real fire, or the part that is known now."""

    outcome: dict[str, Any] = Field(
        default_factory=dict, examples=[{"dead": 0, "area_m2": 3.5, "put_out_by": "station"}]
    )
    cause: Code | None = None
    note: Note = None


class NewReport(BaseModel):
    """A report as somebody wrote it. `ref` names the saving; `entry`: the ledger's last entry that it was drafted from;
    `signed`: who answers for it, as they sign.
    """

    ref: str = Field(min_length=1, max_length=200)
    kind: Literal["first", "followup", "final"]
    language: Literal["zh", "en"] = "zh"
    text: str = Field(min_length=1, max_length=20_000)
    signed: Annotated[str | None, Field(max_length=80)] = None
    entry: Annotated[int | None, Field(ge=0, lt=2**63)] = None


class WrittenReport(Open):
    """A version of a report: `saved_by` a recipient, `saved_as` the name of the user who was signed in."""

    id: int
    incident: str
    kind: Literal["first", "followup", "final"]
    language: Literal["zh", "en"]
    text: str
    signed: str | None
    entry: int | None
    saved_by: str
    saved_as: str | None
    saved_at: str


class Split(BaseModel):
    """These alarms of the incident are another matter."""

    alarms: list[Code] = Field(min_length=1, max_length=1000, examples=[["A-000017"]])
    note: Note = None


class Merge(BaseModel):
    """The incident is the same as another."""

    into: Code
    note: Note = None


class BrigadeReport(BaseModel):
    """119 was called. `case_number`: what the fire brigade gave."""

    case_number: Code | None = None
    note: Note = None


class Policy(Open):
    """The policy in force; durations in seconds. `title`: what people call it, in Chinese (`zh`) and English (`en`)."""

    name: str
    title: dict[str, str]
    digest: str
    numbers: dict[str, float]
    tiers: list[dict[str, Any]]
    verify: list[dict[str, Any]]
    false_from: list[str]
    confirmed: dict[str, Any]
    night: dict[str, Any]
    rules: list[dict[str, Any]]
    periods: list[dict[str, Any]]


class Call(BaseModel):
    """One more recipient."""

    recipient: str = Field(max_length=80, examples=["station:ST-01"])
    note: Note = None


class StandDown(BaseModel):
    """Nobody is to come; the note says why."""

    note: Note = None


class Press(BaseModel):
    """A person pressed on an order; saying the same `ref` again changes nothing and gives the same answer."""

    ref: str = Field(min_length=1, max_length=200)
    action: str = Field(max_length=40)
    note: Note = None
    value: dict[str, Any] | None = None
    pressed_at: PressedAt = None


class MemberAnswer(BaseModel):
    """A person of the ordered station's crew answers; saying the same `ref` again changes nothing."""

    ref: str = Field(min_length=1, max_length=200)
    answer: Literal["going", "cannot", "there"]
    person: Annotated[Code | None, Field(description="who, where the station's screen says it for them")] = None
    pressed_at: PressedAt = None


class AlarmAction(BaseModel):
    """A person handles an alarm; `until` (epoch milliseconds or RFC 3339) goes with shelve."""

    action: Literal["acknowledge", "shelve", "reset"]
    until: int | float | str | None = None


class NewBlackout(BaseModel):
    """For a time alarms of one place, gateway or device call nobody; with `fire` not even its fires. Times are epoch
    milliseconds or RFC 3339; without `from` it begins now.
    """

    model_config = ConfigDict(populate_by_name=True)

    place: Code | None = None
    gateway: Code | None = None
    device: Code | None = None
    start: int | float | str | None = Field(None, alias="from")
    until: int | float | str
    why: Code
    note: Note = None
    fire: bool = False

    @model_validator(mode="after")
    def of_one_thing(self) -> "NewBlackout":
        """It is of one place, one gateway or one device."""
        if sum(one is not None for one in (self.place, self.gateway, self.device)) != 1:
            raise ValueError("give one of place, gateway and device")
        return self


class Blackout(Open):
    """A time in which alarms call nobody. `noun`: place, gateway or device, whose `code` it is."""

    id: str
    noun: Literal["place", "gateway", "device"]
    code: str
    until: str
    by: str
    why: str
    fire: bool
    state: Literal["planned", "on", "ended"]


class NewDrill(BaseModel):
    """From now on, for `minutes`, items of these devices that name the drill are exercise."""

    scenario: Code
    devices: list[Code] = Field(min_length=1, max_length=1000)
    minutes: float = Field(30, gt=0)


class Handover(BaseModel):
    """People take a station over; `handed_by` is absent when a shift begins with nobody to hand over."""

    ref: str = Field(min_length=1, max_length=200)
    people: list[Code] = Field(min_length=1, max_length=50)
    handed_by: Code | None = None
    items: list[Code] = Field(default=[], max_length=50)
    note: Note = None


class CheckAnswer(BaseModel):
    """Somebody is there: `person` is one of those who serve at the station."""

    ref: str = Field(min_length=1, max_length=200)
    person: Code | None = None


class Order(Open):
    """ORDER (docs: the websocket)."""

    id: str
    incident: str
    recipient: str
    state: str
    kind: str
    priority: int
    drill: bool
    late: bool
    place: dict[str, Any]
    grid: list[dict[str, Any]]
    alarms: list[dict[str, Any]]
    closures: list[dict[str, Any]]
    eta_s: int | None
    eta_at: str | None
    eta_method: str | None
    reason: str
    deadlines: dict[str, str | None]
    history: list[dict[str, Any]]
    drafted_at: str


class Way(Open):
    """The way to an order's place: points [lon, lat] from the start, its length, and seconds on it without muster."""

    order: str
    mode: Literal["foot", "ebike", "motorcycle", "vehicle"]
    method: Literal["roads", "line"]
    line: list[tuple[float, float]]
    length_m: int
    travel_s: int


class Incident(Open):
    """INCIDENT. `timeline` and `notes` come only when asked for by id."""

    id: str
    state: Literal["open", "closed"]
    severity: int
    kind: str
    source: str
    place: dict[str, Any]
    grid: list[dict[str, Any]]
    drill: bool
    verification: str
    opened_at: str
    closed_at: str | None
    verdict: str | None
    alarms: list[dict[str, Any]]
    orders: list[Order]
    timeline: list[dict[str, Any]] | None = None


class Photo(Open):
    """A picture of an incident, as INCIDENT has it; the picture itself is at GET /api/photos/{id}."""

    id: str
    order: str | None
    at: str
    by: str
    digest: str
    note: str | None
    taken_at: str | None


class Alarm(Open):
    """An alarm of one device."""

    id: str
    device: str
    kind: str
    state: str
    place: str
    raised_at: str
    cleared_at: str | None


class Device(Open):
    """A detector or monitor."""

    code: str
    profile: str
    kind: Literal["smoke", "electrical"]
    gateway: str
    place: str
    floor: int | None
    room: str | None
    lon: float | None
    lat: float | None
    grid: list[dict[str, Any]]
    state: Literal["normal", "alarm", "fault", "offline", "unknown"]
    last_seen: str | None
    clock_offset_s: float | None


class Station(Open):
    """A micro fire station. `engaged`: open orders to respond; `crew_available`: people on watch now (`people`, where
    it is known who they are); `covered`: a screen is connected and the duty check was answered within 24 h.
    """

    code: str
    name: str
    kind: str
    lon: float
    lat: float
    grid: list[dict[str, Any]]
    on_duty: bool
    engaged: int
    crew_available: int
    people: list[str]
    taken_over: dict[str, Any] | None
    next_shift: dict[str, Any] | None
    last_check: dict[str, Any] | None
    demoted: bool
    covered: bool
    screens: int


class GridRisk(Open):
    """A grid's risk: `index` 0 to 100; `parts` each `name`, `value`, `points` of at most `weight`."""

    code: str
    name: str
    level: int
    index: float
    colour: Literal["red", "orange", "yellow", "blue"]
    parts: list[dict[str, Any]]


class Roster(Open):
    """A station's shifts; `spans` is null where it has no roster and is always on duty."""

    station: str
    name: str
    grid: str
    spans: list[dict[str, Any]] | None
    serving: list[str]


class NewLogEntry(BaseModel):
    """An entry of the command room's log; saying the same `ref` again keeps nothing more. `name`: who writes, where the
    token does not say it; `taken_by`: of a handover, who takes over.
    """

    ref: str = Field(min_length=1, max_length=200)
    kind: Literal["entry", "handover", "correction"] = "entry"
    text: str = Field(min_length=1, max_length=4000)
    name: str | None = Field(None, max_length=64)
    incident: Code | None = None
    taken_by: str | None = Field(None, max_length=64)
    corrects: int | None = Field(None, ge=1, le=2**62)

    @model_validator(mode="after")
    def whole(self) -> "NewLogEntry":
        """A handover names who takes over, a correction what it corrects."""
        if (self.kind == "handover") != bool(self.taken_by):
            raise ValueError("a handover, and nothing else, says by whom it is taken_by")
        if (self.kind == "correction") != (self.corrects is not None):
            raise ValueError("a correction, and nothing else, says the id that it corrects")
        return self


class LogEntry(Open):
    """An entry of the command room's log. `matters`: of a handover, what was open."""

    id: int
    at: str
    by: str
    name: str
    kind: Literal["entry", "handover", "correction"]
    text: str
    incident: str | None
    taken_by: str | None
    corrects: int | None
    matters: dict[str, Any] | None


class Spread(BaseModel):
    """How many, and their median and ninth decile in seconds (interpolated; null of none)."""

    count: int
    p50: float | None
    p90: float | None


class Milestone(BaseModel):
    """Of how many incidents it was due, of how many it was met, and met / due (null of none)."""

    due: int
    met: int
    rate: float | None


class Statistics(Open):
    """Figures of a period; docs/statistics.md says how each is counted."""

    grid: str | None
    station: str | None
    from_: str = Field(alias="from")
    to: str
    timezone: str
    by: str | None
    alarms: dict[str, int]
    incidents: dict[str, Any]
    orders: dict[str, dict[str, int]]
    seconds: dict[str, dict[str, Spread]]
    incident_seconds: dict[str, Spread]
    one_three_five: dict[str, Milestone]
    alarm_load: dict[str, Any]
    false_alarms: dict[str, Any]
    coverage: dict[str, Any]
    lines: list[dict[str, Any]]


def statistics() -> dict[int | str, dict[str, Any]]:
    """For the route that answers statistics, as JSON or as CSV."""
    return {200: {"model": Statistics, "content": {"text/csv": {"schema": {"type": "string"}}}}}


def page(item: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """For a route that answers a list of `item`."""
    body = {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": item.model_json_schema()},
            "next": {"type": ["string", "null"]},
        },
    }
    return {200: {"description": "One page", "content": {"application/json": {"schema": body}}}}


def one(item: type[BaseModel], status: int = 200) -> dict[int | str, dict[str, Any]]:
    """For a route that answers one `item`."""
    return {status: {"model": item}}
