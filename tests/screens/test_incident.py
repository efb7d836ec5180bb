"""An incident in full on the command page, its papers, and one opened by hand with the keyboard alone."""

import re
from pathlib import Path

import httpx
from outside import System
from playwright.sync_api import Page, expect
from windows import DESK, Pages

_PHOTO = Path(__file__).parents[2] / "docs" / "pictures" / "login-wrong.jpg"


def _fire(system: System) -> str:
    with system.gateway("GW-W") as one:
        one.event("SMK-LANE-301", "fire", value={"smoke_db_m": 0.42})
    http = system.http("command")
    found = system.until(lambda: http.all("/api/incidents", state="open"), "the fire is an incident")
    return str(found[0]["id"])


def _whole(pages: Pages, incident: str, part: str = "") -> Page:
    page = pages.open("command", "command", viewport=DESK)
    page.evaluate("hash => (location.hash = hash)", f"#incident/{incident}{part}")
    expect(page.get_by_role("article", name="警情详情")).to_contain_text("警情建立：火警")
    return page


def test_an_incident_is_opened_with_the_keyboard_alone(system: System, pages: Pages) -> None:
    page = pages.open("command", "command")
    page.keyboard.press("n")
    expect(page.get_by_role("searchbox", name="地点")).to_be_focused()
    page.keyboard.type("杂货")
    expect(page.get_by_role("button", name=re.compile("柳巷杂货店"))).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_label("火警", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    detail = page.get_by_role("complementary", name="警情详情")
    expect(detail.get_by_role("heading", name=re.compile("柳巷杂货店"))).to_be_visible()
    made = system.http("command").all("/api/incidents", state="open")
    assert [(one["place"]["code"], one["kind"], one["source"]) for one in made] == [("P-SHOP", "fire", "phone")]


def test_an_incidents_page_shows_why_each_station_and_what_command_does_to_it(system: System, pages: Pages) -> None:
    incident = _fire(system)
    photo = {"authorization": f"Bearer {system.token('command')}", "content-type": "image/jpeg"}
    httpx.post(
        f"{system.url}/api/incidents/{incident}/photos?ref=scene&note=三层有烟",
        content=_PHOTO.read_bytes(),
        headers=photo,
    )
    page = _whole(pages, incident)
    expect(page.get_by_role("button", name=re.compile("^查看照片.*三层有烟"))).to_be_visible()
    expect(page.get_by_role("list", name="现场照片").locator("img")).to_have_count(1)
    ranking = page.get_by_role("row").filter(has_text="码头微型消防站").first
    expect(ranking).to_contain_text("可派")
    page.get_by_role("button", name="已查看").click()
    expect(page.get_by_text("指挥中心 已查看 SMK-LANE-301 的报警")).to_be_visible()
    page.get_by_role("button", name="119 报警").click()
    page.get_by_role("dialog").get_by_label("接警编号").fill("119-7")
    page.get_by_role("dialog").get_by_role("button", name="已报 119").click()
    expect(page.get_by_text("指挥中心 已报 119，编号 119-7")).to_be_visible()
    page.get_by_role("button", name="人员操作").click()
    expect(page.get_by_text("警情建立：火警")).to_have_count(0)
    pages.picture(page, "incident-forces")
    page.get_by_role("button", name="撤销").click()
    page.get_by_role("dialog").get_by_label("原因").fill("现场无火")
    page.get_by_role("dialog").get_by_role("button", name="撤销").click()
    expect(page.get_by_text("力量已全部撤回").first).to_be_visible()
    expect(page.get_by_text("不再计时").first).to_be_visible()
    expect(page.get_by_text("无值班屏在线，请电话通知")).to_have_count(0)


def test_a_report_is_drafted_kept_while_it_is_typed_and_saved_as_a_version(system: System, pages: Pages) -> None:
    incident = _fire(system)
    page = _whole(pages, incident, "/papers")
    text = page.get_by_label("报告正文")
    expect(text).to_have_value(re.compile("关于柳巷 3 号楼火警的首报"))
    text.press("End")
    page.keyboard.type("现场有烟")
    expect(page.get_by_text("未保存，已暂存在本机")).to_be_visible()
    page.reload()
    expect(text).to_have_value(re.compile("现场有烟"))
    page.get_by_role("button", name="保存版本").click()
    expect(page.get_by_text("已保存")).to_be_visible()
    pages.picture(page, "incident-papers")
    (saved,) = system.http("command").all(f"/api/incidents/{incident}/reports")
    assert (saved["kind"], "现场有烟" in saved["text"], saved["saved_by"]) == ("first", True, "command:main")


def test_a_replay_begins_when_nobody_had_answered_and_ends_as_it_stands(system: System, pages: Pages) -> None:
    incident = _fire(system)
    (crew,) = system.http("station", "ST-WEST").all("/api/orders", recipient="station:ST-WEST", state="open")
    press = {"ref": "replayed", "action": "acknowledge"}
    system.http("station", "ST-WEST").post(f"/api/orders/{crew['id']}/actions", press)
    page = _whole(pages, incident, "/replay")
    order = page.get_by_role("listitem").filter(has_text=re.compile("河西微型消防站\\s*出动指令"))
    expect(order).to_contain_text("已拟定")
    page.keyboard.press("End")
    expect(order).to_contain_text("已接令")
    page.keyboard.press("Home")
    expect(order).to_contain_text("已拟定")
    pages.picture(page, "incident-replay")


def test_the_printed_report_names_the_ledgers_last_digest(system: System, pages: Pages) -> None:
    incident = _fire(system)
    page = pages.blank(DESK)
    page.goto(f"{system.url}/report#incident={incident}&token={system.token('command')}")
    expect(page.get_by_role("heading", name="警情处置报告")).to_be_visible()
    expect(page.locator("main[data-ready=true]")).to_be_visible()
    last = system.http("command").get(f"/api/incidents/{incident}")["timeline"][-1]
    expect(page.get_by_text(f"记录 {last['entry']} 的摘要")).to_be_visible()
    shown = page.locator(".digest").inner_text().replace(" ", "")
    assert shown == last["digest"]
    pages.picture(page, "incident-paper")
    assert page.pdf()[:5] == b"%PDF-"
