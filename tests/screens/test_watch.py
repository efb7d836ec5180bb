"""The duty screen's people: who presses, who is on watch, who answers a duty check; what it says aloud and on paper."""

import re
import uuid
from collections.abc import Iterator

import pytest
from outside import Frame, System
from playwright.sync_api import Locator, Page, expect
from windows import DESK, Pages

STATION = "station:ST-WEST"
SPEAKING = """
window.spoken = [];
const voice = { name: "test", lang: "zh-CN", localService: true, default: true, voiceURI: "test" };
const remote = { name: "far", lang: "zh-CN", localService: false, default: false, voiceURI: "far" };
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
Object.defineProperty(window, "speechSynthesis", { value: {
  getVoices: () => [remote, voice],
  speak: (one) => { window.spoken.push([one.text, one.voice.name]); setTimeout(() => one.onend?.(), 200); },
  cancel: () => { window.hushed = (window.hushed ?? 0) + 1; },
  addEventListener() {}, removeEventListener() {},
} });
"""
"""A machine with two voices, of which one would send what it says to a server."""


def _fire(system: System) -> None:
    with system.gateway("GW-W") as one:
        one.event("SMK-LANE-301", "fire", value={"smoke_db_m": 0.42})


def _order(system: System) -> Frame:
    return max(system.http("command").all("/api/orders", recipient=STATION), key=lambda order: order["drafted_at"])


def _hold(page: Page, key: str, until: Locator, *, seen: bool = True) -> None:
    """The key is down until `until` is seen, or is seen no more."""
    page.keyboard.down(key)
    if seen:
        expect(until).to_be_visible()
    else:
        expect(until).to_be_hidden()
    page.keyboard.up(key)


def _key(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=re.compile(f"^{name} "))


@pytest.fixture
def second(system: System) -> Iterator[str]:
    """Somebody else serves at the station and is on watch, too."""
    admin = system.http("admin")
    person = {"name": "示例午", "phone": "000-077", "station": "ST-WEST"}
    assert admin.ask("PUT", "/api/people/C-WEST-2", person).status_code == 204

    screen = system.http("station", "ST-WEST")

    def take_over(*people: str) -> bool:
        asked = {"ref": uuid.uuid4().hex, "people": people}
        return screen.ask("POST", "/api/stations/ST-WEST/handover", asked).status_code == 200

    system.until(lambda: take_over("C-WEST", "C-WEST-2"), "the second one is known and on watch")
    yield "C-WEST-2"
    assert take_over("C-WEST")
    assert admin.ask("DELETE", "/api/people/C-WEST-2").status_code == 204


def test_who_presses_is_chosen_by_number_and_held_by_the_order(system: System, pages: Pages, second: str) -> None:
    page = pages.open("station", "station", "ST-WEST", viewport=DESK)
    _fire(system)
    choice = page.get_by_role("radiogroup", name="谁在接令").get_by_role("radio")
    expect(choice).to_have_count(2)
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    number = next(one for one in ("1", "2") if "示例午" in choice.nth(int(one) - 1).inner_text())
    page.keyboard.press(number)
    expect(page.get_by_role("radio", name=re.compile("示例午"))).to_be_checked()
    pages.picture(page, "station-who")
    _hold(page, "Enter", page.get_by_text("示例午 已接令"))
    assert [one["by"] for one in _order(system)["history"] if one["event"] == "acknowledged"] == [f"person:{second}"]


def test_the_foot_switch_is_learnt_and_then_acknowledges(system: System, pages: Pages) -> None:
    page = pages.open("station", "station", "ST-WEST", viewport=DESK)
    page.get_by_role("button", name="本机设置").click()
    page.get_by_role("button", name="设置脚踏开关").click()
    expect(page.get_by_text("请现在踩下脚踏开关")).to_be_visible()
    page.keyboard.press("b")
    expect(page.get_by_text("按键 KeyB")).to_be_visible()
    pages.picture(page, "station-settings")
    page.get_by_role("button", name="关闭").click()
    _fire(system)
    expect(_key(page, "接令")).to_be_visible()
    _hold(page, "b", _key(page, "出动"))


def test_the_alarm_says_who_needs_help_which_way_and_who_else_comes(system: System, pages: Pages) -> None:
    page = pages.open("station", "station", "ST-WEST")
    _fire(system)
    for text in ("独居老人", "停车", "消火栓", "电动车 779 米", "示例丁"):
        expect(page.get_by_text(text).first).to_be_visible()
    pages.picture(page, "station-alarm-file")


def test_help_is_asked_for_with_a_number_of_people(system: System, pages: Pages) -> None:
    page = pages.open("station", "station", "ST-WEST", viewport=DESK)
    _fire(system)
    expect(_key(page, "接令")).to_be_visible()
    _hold(page, "Enter", _key(page, "出动"))
    page.keyboard.press("h")
    pages.picture(page, "station-help")
    page.get_by_role("button", name="5 人").click()
    command = system.http("command")
    system.until(lambda: command.all("/api/orders", recipient="station:ST-NORTH", state="open"), "more are called")


def test_a_duty_check_is_answered_by_name_with_the_key_that_is_held(system: System, pages: Pages) -> None:
    page = pages.open("station", "station", "ST-WEST", viewport=DESK)
    check = system.http("command").post("/api/stations/ST-WEST/duty-checks", {})["id"]
    expect(page.get_by_role("alert", name="查岗")).to_contain_text("请在岗人员应答")
    expect(page.get_by_text(re.compile(r"剩余 9:\d\d"))).to_be_visible()
    pages.picture(page, "station-check", "phone")
    _hold(page, "Enter", page.get_by_role("alert", name="查岗"), seen=False)
    (answered,) = [one for one in system.http("command").all("/api/duty-checks") if one["id"] == check]
    assert (answered["state"], answered["answered_by"]) == ("answered", "person:C-WEST")


def test_a_duty_check_stands_back_for_an_order_whose_answer_answers_it(system: System, pages: Pages) -> None:
    page = pages.open("station", "station", "ST-WEST", viewport=DESK)
    check = system.http("command").post("/api/stations/ST-WEST/duty-checks", {})["id"]
    expect(page.get_by_role("alert", name="查岗")).to_be_visible()
    _fire(system)
    beside = page.get_by_text("接令即视为查岗应答")
    expect(beside).to_be_visible()
    pages.picture(page, "station-check-beside")
    _hold(page, "Enter", _key(page, "出动"))
    expect(beside).to_be_hidden()
    answer = {"ref": uuid.uuid4().hex, "person": "C-WEST"}
    system.http("station", "ST-WEST").post(f"/api/duty-checks/{check}/answer", answer)


def test_the_station_is_handed_over_on_its_screen(system: System, pages: Pages) -> None:
    page = pages.open("station", "station", "ST-WEST", viewport=DESK)
    page.get_by_role("button", name="交接班").click()
    dialog = page.get_by_role("dialog", name="交接班")
    dialog.get_by_label("对讲机有电").check()
    dialog.get_by_label("未尽事项").fill("水带待晾干")
    pages.picture(page, "station-handover")
    dialog.get_by_role("button", name="确认接班").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_text(re.compile(r"\d\d:\d\d:\d\d 接班"))).to_be_visible()
    stations = system.http("command").all("/api/stations")
    (taken,) = [one["taken_over"] for one in stations if one["code"] == "ST-WEST"]
    assert (taken["items"], taken["handed_by"]) == (["radio"], "C-WEST")


def test_what_burns_is_said_by_the_machines_own_voice_until_somebody_answers(system: System, pages: Pages) -> None:
    page = pages.blank(DESK)
    page.add_init_script(SPEAKING)
    page.goto(f"{system.url}/station#token={system.token('station', 'ST-WEST')}")
    expect(page.get_by_text("语音播报 可用")).to_be_visible()
    _fire(system)
    expect(_key(page, "接令")).to_be_visible()
    system.until(lambda: len(page.evaluate("spoken")) >= 2, "it is said again")
    assert page.evaluate("spoken")[0] == ["火警。柳巷3号楼，3层三零一。", "test"]
    _hold(page, "Enter", _key(page, "出动"))
    said = len(page.evaluate("spoken"))
    page.wait_for_timeout(3_500)
    assert len(page.evaluate("spoken")) == said


def test_the_sheet_of_an_order_is_one_page_that_names_the_place_and_the_way(system: System, pages: Pages) -> None:
    page = pages.open("station", "station", "ST-WEST", viewport=DESK)
    page.evaluate("() => { window.print = () => undefined; }")
    _fire(system)
    expect(page.get_by_text("电动车 779 米")).to_be_visible()
    page.keyboard.press("p")
    sheet = page.locator("article")
    expect(sheet).to_have_count(1)
    page.emulate_media(media="print")
    for text in ("出动单", "柳巷 3 号楼", "3 层 301", "独居老人", "779 米", "归队"):
        expect(sheet.get_by_text(text).first).to_be_visible()
    expect(_key(page, "接令")).to_be_hidden()
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1
    page.set_viewport_size({"width": 794, "height": 1123})
    pages.picture(page, "station-sheet")
