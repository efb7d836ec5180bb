"""The control room's page: an alarm is verified, 119 is called, the linkage is ticked off, by name."""

import re
from collections.abc import Iterator

import pytest
from outside import System, now_ms
from playwright.sync_api import Page, expect
from windows import DESK, Pages, hold

DEVICE = "SMK-DEPOT"


@pytest.fixture
def detector(system: System) -> Iterator[str]:
    """The depot, which has a control room, has a detector, too."""
    admin = system.http("admin")
    device = {"gateway": "GW-E", "place": "P-DEPOT", "profile": "smoke-photo", "floor": 1, "room": "充电间"}
    made = admin.ask("PUT", f"/api/devices/{DEVICE}", device)
    assert made.status_code == 204, made.text
    system.until(lambda: admin.ask("GET", f"/api/devices/{DEVICE}").status_code == 200, "the device is known")
    yield DEVICE
    assert admin.ask("DELETE", f"/api/devices/{DEVICE}").status_code == 204


def _hold(page: Page, name: str) -> None:
    hold(page, page.get_by_role("button", name=re.compile(rf"^{name} ")))


def test_a_control_room_verifies_calls_119_and_ticks_off_the_linkage_by_name(
    system: System, pages: Pages, detector: str
) -> None:
    page = pages.open("control-room", "control_room", "P-DEPOT")
    expect(page.get_by_text("无火警待核实")).to_be_visible()
    page.get_by_role("button", name=re.compile("当班")).click()
    page.get_by_role("dialog").get_by_label("示例卯").check()
    pages.picture(page, "control-room-shift")
    page.get_by_role("dialog").get_by_role("button", name="完成").click()
    pages.picture(page, "control-room-quiet")
    with system.gateway("GW-E") as one:
        for minute in range(8, 0, -1):
            one.reading(
                detector, smoke_db_m=round(0.4 / minute**2, 3), temperature_c=23.0, ts=now_ms() - minute * 60_000
            )
        one.event(detector, "fire", value={"smoke_db_m": 0.42})
    expect(page.get_by_role("heading", name="立即核警")).to_be_visible()
    pages.picture(page, "control-room-verify", "desk", "phone")
    _hold(page, "接令")
    _hold(page, "是火情")
    expect(page.get_by_role("heading", name="已确认火情")).to_be_visible()
    page.get_by_label(re.compile("联动控制转入自动")).check()
    expect(page.get_by_text("正在发送…")).to_have_count(0)
    page.set_viewport_size(DESK)
    pages.picture(page, "control-room-fire", "phone")
    page.get_by_label("接警编号").fill("119-0815")
    _hold(page, "已拨打 119")
    expect(page.get_by_text(re.compile("示例卯 于 .* 报 119"))).to_be_visible()
    expect(page.get_by_label(re.compile("拨打 119 报警"))).to_be_checked()
    (order,) = system.http("command").all("/api/orders", recipient="control_room:P-DEPOT", state="open")
    assert {"person:R-DEPOT"} == {step["by"] for step in order["history"] if step["event"] == "fire_confirmed"}
    (incident,) = system.http("command").all("/api/incidents", state="open")
    assert incident["brigade"]["case_number"] == "119-0815"
    pages.picture(page, "control-room-called")
    page.get_by_role("button", name=re.compile("English")).click()
    expect(page.get_by_role("heading", name="Fire confirmed")).to_be_visible()
    pages.picture(page, "control-room-english")


def test_a_false_alarm_is_told_with_its_cause_and_the_list_is_empty_again(
    system: System, pages: Pages, detector: str
) -> None:
    page = pages.open("control-room", "control_room", "P-DEPOT", viewport=DESK)
    with system.gateway("GW-E") as one:
        one.event(detector, "fire", value={"smoke_db_m": 0.42})
    expect(page.get_by_role("heading", name="立即核警")).to_be_visible()
    expect(page.get_by_role("application", name="辖区地图")).to_be_visible()
    _hold(page, "是误报")
    pages.picture(page, "control-room-cause")
    page.get_by_role("dialog").get_by_role("button").first.click()
    expect(page.get_by_role("heading", name="误报")).to_be_visible()
    pages.picture(page, "control-room-false")
    system.settle()
    expect(page.get_by_text("无火警待核实")).to_be_visible()
