"""The duty screen: an order arrives, wakes, is answered, and survives a lost connection."""

import re
from collections.abc import Callable

import pytest
from outside import Frame, System
from playwright.sync_api import Locator, Page, expect
from windows import DESK, HELD_MS, Pages, Wire, hold

FIRE_RED = "rgb(211, 19, 27)"


def _fire(system: System, device: str = "SMK-LANE-301", gateway: str = "GW-W", **more: object) -> None:
    with system.gateway(gateway) as one:
        one.event(device, "fire", value={"smoke_db_m": 0.42}, **more)


def _order(system: System, recipient: str) -> Frame:
    """The newest order of the recipient."""
    found = system.http("command").all("/api/orders", recipient=recipient)
    return max(found, key=lambda order: order["drafted_at"])


def _key(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=re.compile(rf"^{name} "))


def test_a_quiet_screen_shows_the_time_its_station_and_that_it_can_be_relied_on(pages: Pages) -> None:
    page = pages.open("station", "station", "ST-WEST")
    expect(page.get_by_role("heading", name="河西微型消防站")).to_be_visible()
    expect(page.get_by_text("当前没有指令")).to_be_visible()
    expect(page.get_by_text("声音已开").first).to_be_visible()
    expect(page.get_by_text("网络活动").first).to_be_visible()
    pages.picture(page, "station-quiet", "desk", "phone")


def test_the_token_leaves_the_address_bar_and_a_reload_stays_signed_in(pages: Pages) -> None:
    page = pages.open("station", "station", "ST-WEST")
    assert "token" not in page.url
    page.reload()
    expect(page.get_by_text("已连接").first).to_be_visible()


def test_a_fire_is_on_the_screen_with_place_floor_room_and_detector(system: System, pages: Pages) -> None:
    page = pages.open("station", "station", "ST-WEST")
    _fire(system)
    expect(page.get_by_role("heading", name="柳巷 3 号楼")).to_be_visible()
    for text in ("火警", "3 层 301", "柳巷 3 号", "SMK-LANE-301", "河西南片", "最快到场"):
        expect(page.get_by_text(text, exact=text == "柳巷 3 号").first).to_be_visible()
    expect(page.get_by_role("list", name="1-3-5 计时").get_by_role("listitem")).to_have_count(4)
    pages.picture(page, "station-alarm", "desk", "phone")
    page.get_by_role("button", name=re.compile("English")).click()
    expect(page.get_by_role("heading", name="Fire", exact=True)).to_be_visible()
    pages.picture(page, "station-alarm-english")


def test_the_order_counts_as_delivered_once_the_screen_has_it(system: System, pages: Pages) -> None:
    page = pages.open("station", "station", "ST-WEST")
    _fire(system)
    expect(_key(page, "接令")).to_be_visible()
    system.until(lambda: _order(system, "station:ST-WEST")["state"] == "delivered", "delivered is recorded")


def test_holding_the_mouse_for_a_second_acknowledges_and_a_click_does_not(system: System, pages: Pages) -> None:
    page = pages.open("station", "station", "ST-WEST")
    _fire(system)
    hold(page, _key(page, "接令"), 300)
    page.wait_for_timeout(1_000)
    expect(_key(page, "接令")).to_be_visible()
    assert _order(system, "station:ST-WEST")["state"] in ("sent", "delivered")
    hold(page, _key(page, "接令"))
    expect(_key(page, "出动")).to_be_visible()
    pages.picture(page, "station-acknowledged")
    assert _order(system, "station:ST-WEST")["state"] == "acknowledged"


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_holding_a_key_for_a_second_acknowledges_and_goes_no_further(system: System, pages: Pages, key: str) -> None:
    page = pages.open("station", "station", "ST-WEST", viewport=DESK)
    _fire(system)
    expect(_key(page, "接令")).to_be_visible()
    page.keyboard.down(key)
    page.wait_for_timeout(HELD_MS)
    for _ in range(20):
        page.keyboard.down(key)  # what a keyboard repeats while it is held
        page.wait_for_timeout(60)
    page.keyboard.up(key)
    expect(_key(page, "出动")).to_be_visible()
    assert _order(system, "station:ST-WEST")["state"] == "acknowledged"


def test_a_crew_goes_through_every_step_to_its_return(system: System, pages: Pages) -> None:
    page = pages.open("station", "station", "ST-WEST")
    _fire(system)
    for step, state in (
        ("接令", "acknowledged"),
        ("出动", "turned_out"),
        ("到场", "arrived"),
        ("控制", "controlled"),
        ("归队", "closed"),
    ):
        hold(page, _key(page, step))
        system.until(lambda state=state: _order(system, "station:ST-WEST")["state"] == state, f"{step} makes {state}")
        if step == "到场":
            pages.picture(page, "station-arrived", "phone")
    expect(page.get_by_text("当前没有指令")).to_be_visible()
    expect(page.get_by_text("已办结").first).to_be_visible()


def test_declining_with_a_reason_calls_the_next_station(system: System, pages: Pages) -> None:
    page = pages.open("station", "station", "ST-WEST")
    _fire(system)
    cannot = page.get_by_role("button", name="无法出动")
    cannot.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="队员已外出执勤")).to_be_focused()
    pages.picture(page, "station-cannot-go")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(cannot).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="车辆或器材故障").click()
    expect(page.get_by_text("当前没有指令")).to_be_visible()
    assert _order(system, "station:ST-WEST")["state"] == "declined"
    system.until(lambda: _order(system, "station:ST-NORTH")["reason"] == "declined", "the next station is called")


def test_a_fire_confirmed_on_scene_is_asked_about_once_more_and_told(system: System, pages: Pages) -> None:
    page = pages.open("station", "station", "ST-WEST")
    _fire(system)
    hold(page, _key(page, "接令"))
    page.get_by_role("button", name="确认火情").click()
    pages.picture(page, "station-confirm", "phone")
    page.get_by_role("dialog").get_by_role("button", name="确认火情").click()
    about = _order(system, "station:ST-WEST")["incident"]
    command = system.http("command")
    system.until(lambda: command.get(f"/api/incidents/{about}")["verification"] == "confirmed", "the fire is confirmed")


def test_several_orders_are_all_listed_the_unanswered_first(system: System, pages: Pages) -> None:
    page = pages.open("station", "station", "ST-WEST", viewport=DESK)
    _fire(system)
    hold(page, _key(page, "接令"))
    expect(_key(page, "出动")).to_be_visible()
    command = system.http("command")
    for place in ("P-SHOP", "P-MARKET"):
        made = command.post("/api/incidents", {"place": place, "kind": "fire", "source": "phone"})
        if not any(order["recipient"] == "station:ST-WEST" for order in made["orders"]):
            command.post(f"/api/incidents/{made['id']}/calls", {"recipient": "station:ST-WEST"})
    listed = page.get_by_role("navigation", name="全部指令").get_by_role("listitem")
    expect(listed).to_have_count(3)
    expect(listed.nth(2)).to_contain_text("柳巷 3 号楼")
    expect(listed.nth(2)).to_contain_text("已接令")
    expect(page.get_by_role("heading", name="柳巷 3 号楼")).to_be_hidden()
    listed.nth(2).get_by_role("button").click()
    expect(page.get_by_role("heading", name="柳巷 3 号楼")).to_be_visible()
    pages.picture(page, "station-several")


def test_a_new_order_is_hidden_by_no_dialog_and_the_list_says_what_is_below_its_edge(
    system: System, pages: Pages
) -> None:
    page = pages.open("station", "station", "ST-WEST", viewport=DESK)
    page.get_by_role("button", name="本机设置").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    command = system.http("command")
    places = command.all("/api/places")[:12]
    for place in (*places, *places[:2]):
        made = command.post("/api/incidents", {"place": place["code"], "kind": "fire", "source": "phone"})
        if not any(order["recipient"] == "station:ST-WEST" for order in made["orders"]):
            command.post(f"/api/incidents/{made['id']}/calls", {"recipient": "station:ST-WEST"})
    expect(page.get_by_role("dialog")).to_be_hidden()
    listed = page.get_by_role("navigation", name="全部指令")
    expect(listed.get_by_role("listitem")).to_have_count(len(places) + 2)
    below = listed.get_by_role("button", name=re.compile(r"还有 \d+ 条"))
    expect(below).to_be_visible()
    pages.picture(page, "station-many", "phone")
    for _ in range(len(places) + 1):
        page.keyboard.press("ArrowDown")
    expect(listed.get_by_role("listitem").last).to_be_in_viewport()
    expect(below).to_be_hidden()


def test_a_drill_is_marked_and_never_solid_red(system: System, pages: Pages) -> None:
    page = pages.open("station", "station", "ST-WEST")
    command = system.http("command")
    drill = command.post("/api/drills", {"scenario": "kitchen-fire", "devices": ["SMK-LANE-301"]})["id"]
    _fire(system, drill=drill)
    alert = page.get_by_role("alert").filter(has_text="火警")
    expect(alert).to_contain_text("演练 · 不是真实警情")
    assert alert.evaluate("(band) => getComputedStyle(band).backgroundColor") != FIRE_RED
    pages.picture(page, "station-drill")
    command.post(f"/api/drills/{drill}/close")


def test_a_real_fire_is_solid_red(system: System, pages: Pages) -> None:
    page = pages.open("station", "station", "ST-WEST")
    _fire(system)
    alert = page.get_by_role("alert").filter(has_text="火警")
    expect(alert).to_be_visible()
    assert alert.evaluate("(band) => getComputedStyle(band).backgroundColor") == FIRE_RED


@pytest.mark.parametrize("lost", [Wire.cut, Wire.stall])
def test_a_lost_connection_is_loud_and_what_came_meanwhile_arrives_by_itself(
    system: System, wire: Wire, pages: Pages, lost: Callable[[Wire], None]
) -> None:
    page = pages.open("station", "station", "ST-WEST", url=wire.url)
    lost(wire)
    expect(page.get_by_role("alert").filter(has_text="连接中断")).to_be_visible()
    pages.picture(page, "station-lost")
    _fire(system)
    system.until(lambda: _order(system, "station:ST-WEST")["drafted_at"], "the order is drafted without the screen")
    page.wait_for_timeout(500)
    expect(page.get_by_role("heading", name="柳巷 3 号楼")).to_be_hidden()
    wire.mend()
    expect(page.get_by_role("heading", name="柳巷 3 号楼")).to_be_visible()
    expect(page.get_by_text("连接中断")).to_have_count(0)
    system.until(lambda: _order(system, "station:ST-WEST")["state"] == "delivered", "the screen confirms what it got")


def test_an_answer_given_while_the_line_is_lost_goes_out_once_when_it_is_back(
    system: System, wire: Wire, pages: Pages
) -> None:
    page = pages.open("station", "station", "ST-WEST", url=wire.url)
    _fire(system)
    expect(_key(page, "接令")).to_be_visible()
    wire.cut()
    expect(page.get_by_role("alert").filter(has_text="连接中断")).to_be_visible()
    hold(page, _key(page, "接令"))
    expect(page.get_by_text("未发出，恢复连接后自动发送")).to_be_visible()
    pages.picture(page, "station-lost-alarm")
    wire.mend()
    expect(_key(page, "出动")).to_be_visible()
    events = [step["event"] for step in _order(system, "station:ST-WEST")["history"]]
    assert events.count("acknowledged") == 1


def test_two_screens_of_a_station_show_the_same(system: System, pages: Pages) -> None:
    first, second = (pages.open("station", "station", "ST-WEST", viewport=DESK) for _ in range(2))
    _fire(system)
    expect(_key(second, "接令")).to_be_visible()
    hold(first, _key(first, "接令"))
    expect(_key(second, "出动")).to_be_visible()


def test_without_leave_to_sound_the_screen_says_so_until_a_click(pages: Pages) -> None:
    page = pages.open("station", "station", "ST-WEST", sound=False)
    banner = page.get_by_role("button", name=re.compile("声音未启用"))
    expect(banner).to_be_visible()
    expect(page.get_by_text("声音已关").first).to_be_visible()
    pages.picture(page, "station-sound-blocked")
    banner.click()
    expect(banner).to_be_hidden()
    expect(page.get_by_text("声音已开").first).to_be_visible()


def test_the_siren_sounds_until_somebody_answers(system: System, pages: Pages) -> None:
    page = pages.blank()
    page.add_init_script(
        "window.tones = 0; const start = OscillatorNode.prototype.start;"
        "OscillatorNode.prototype.start = function (...when) { window.tones++; return start.apply(this, when); };"
    )
    page.goto(f"{system.url}/station#token={system.token('station', 'ST-WEST')}")
    expect(page.get_by_text("声音已开").first).to_be_visible()
    assert page.evaluate("tones") == 0
    _fire(system)
    expect(_key(page, "接令")).to_be_visible()
    system.until(lambda: page.evaluate("tones") >= 4, "the siren sounds")
    hold(page, _key(page, "接令"))
    expect(_key(page, "出动")).to_be_visible()
    after = page.evaluate("tones")
    page.wait_for_timeout(2_500)
    assert page.evaluate("tones") == after


def test_nothing_is_cut_off_on_a_small_desk(system: System, pages: Pages) -> None:
    page = pages.open("station", "station", "ST-WEST", viewport=DESK)
    _fire(system)
    expect(_key(page, "接令")).to_be_visible()
    size = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert size == [DESK["width"], DESK["height"]]
    for part in (_key(page, "接令"), page.get_by_text("SMK-LANE-301"), page.get_by_role("heading", name="柳巷 3 号楼")):
        box = part.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["y"] + box["height"] <= DESK["height"]
