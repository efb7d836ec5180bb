"""Phones: a member answers, a leader presses without a line, photos, an incident by hand, the page as an app."""

import base64
import re

from outside import System
from playwright.sync_api import Page, expect
from windows import PHONE, Pages, Wire, hold

DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""A picture of one pixel."""


def _fire(system: System) -> None:
    with system.gateway("GW-W") as one:
        one.event("SMK-LANE-301", "fire", value={"smoke_db_m": 0.42})


def _hold(page: Page, name: str) -> None:
    hold(page, page.get_by_role("button", name=re.compile(rf"^{name} ")))


def _order(system: System, recipient: str) -> dict:
    found = system.http("command").all("/api/orders", recipient=recipient)
    return max(found, key=lambda order: order["drafted_at"])


def test_a_member_sees_the_call_of_the_station_answers_and_is_counted(system: System, pages: Pages) -> None:
    page = pages.open("member", "person", "C-WEST", viewport=PHONE)
    expect(page.get_by_text("没有出动指令")).to_be_visible()
    pages.picture(page, "member-quiet")
    _fire(system)
    expect(page.get_by_role("heading", name="柳巷 3 号楼")).to_be_visible()
    pages.picture(page, "member-alarm")
    expect(page.get_by_text("独居老人")).to_have_count(0)
    page.get_by_role("button", name="去", exact=True).click()
    expect(page.get_by_text("1 人去、0 人到")).to_be_visible()
    expect(page.get_by_text("独居老人")).to_be_visible()
    pages.picture(page, "member-going")
    page.get_by_role("button", name="到了").click()
    expect(page.get_by_text("0 人去、1 人到")).to_be_visible()
    order = _order(system, "station:ST-WEST")
    assert [(one["person"], one["answer"]) for one in order["members"]] == [("C-WEST", "there")]
    assert order["state"] in ("drafted", "sent", "lapsed"), "what the station itself said is untouched"


def test_what_a_leader_pressed_without_a_line_survives_a_closed_page_and_goes_out_once(
    system: System, wire: Wire, pages: Pages
) -> None:
    page = pages.open("leader", "person", "L-WS", viewport=PHONE, url=wire.url)
    _fire(system)
    expect(page.get_by_role("heading", name="柳巷 3 号楼")).to_be_visible()
    system.until(
        lambda: page.evaluate("navigator.serviceWorker.controller !== null"), "the page can open without a line"
    )
    wire.cut()
    expect(page.get_by_role("alert").filter(has_text="连接中断")).to_be_visible()
    _hold(page, "收到")
    expect(page.get_by_text("未发出，恢复连接后自动发送")).to_be_visible()
    pages.picture(page, "leader-waiting")
    page.reload()
    expect(page.get_by_role("heading", name="柳巷 3 号楼")).to_be_visible()
    expect(page.get_by_text("1 项未发出")).to_be_visible()
    wire.mend()
    expect(page.get_by_role("button", name=re.compile("^到场 "))).to_be_visible()
    order = _order(system, "person:L-WS")
    made = [step for step in order["history"] if step["event"] == "acknowledged"]
    assert len(made) == 1
    assert made[0].get("pressed_at", "") < made[0]["at"]
    expect(page.get_by_text("1 项未发出")).to_have_count(0)


def test_a_photo_from_the_scene_is_part_of_the_incident(system: System, pages: Pages) -> None:
    page = pages.open("leader", "person", "L-WS", viewport=PHONE)
    _fire(system)
    _hold(page, "收到")
    expect(page.get_by_role("button", name=re.compile("^到场 "))).to_be_visible()
    page.get_by_label("拍照").last.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": DOT})
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("备注").fill("三楼冒烟")
    dialog.get_by_role("button", name="发送", exact=True).click()
    command = system.http("command")
    about = _order(system, "person:L-WS")["incident"]
    system.until(lambda: command.get(f"/api/incidents/{about}")["photos"], "the photo is part of the incident")
    found = command.get(f"/api/incidents/{about}")
    assert "三楼冒烟" in found["notes"].values()
    got = command.ask("GET", f"/api/photos/{found['photos'][0]['id']}")
    assert got.headers["content-type"] == "image/jpeg"
    expect(page.get_by_role("list", name="现场照片").locator("img")).to_have_count(1)


def test_a_leader_raises_an_incident_without_a_line_and_it_is_opened_once(
    system: System, wire: Wire, pages: Pages
) -> None:
    page = pages.open("leader", "person", "L-WS", viewport=PHONE, url=wire.url)
    page.get_by_role("navigation", name="页面").get_by_role("button", name="上报").click()
    page.get_by_role("searchbox").fill("杂货")
    page.get_by_role("button", name=re.compile("柳巷杂货店")).click()
    wire.cut()
    _hold(page, "上报")
    expect(page.get_by_text("已存在手机里，恢复连接后自动上报")).to_be_visible()
    pages.picture(page, "leader-raise-waiting")
    wire.mend()
    # the leader's own call may come before the answer: the page has turned to it
    told = page.get_by_text(re.compile("已上报，警情 I-")).or_(page.get_by_role("heading", name="柳巷杂货店"))
    expect(told.first).to_be_visible()
    made = system.http("command").all("/api/incidents", state="open")
    assert [(one["place"]["code"], one["source"]) for one in made] == [("P-SHOP", "leader")]


def test_the_pages_can_be_installed(system: System) -> None:
    http = system.http("viewer")
    for name in ("leader", "member"):
        manifest = http.ask("GET", f"/{name}.webmanifest")
        assert manifest.headers["content-type"].startswith("application/manifest+json")
        assert (manifest.json()["scope"], manifest.json()["display"]) == (f"/{name}", "standalone")
        for icon in manifest.json()["icons"]:
            assert http.ask("GET", icon["src"]).status_code == 200
    worker = http.ask("GET", "/phone-worker.js")
    assert worker.headers["cache-control"] == "no-cache"
    assert '"/api' not in worker.text
