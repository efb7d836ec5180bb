"""The control room's page, and the administrators'."""

import re

from outside import System
from playwright.sync_api import Page, expect
from windows import DESK, Pages, hold


def _hold(page: Page, name: str) -> None:
    hold(page, page.get_by_role("button", name=re.compile(rf"^{name} ")))


def _call(system: System) -> None:
    """Somebody says by telephone that it burns at the depot, whose control room has one operator."""
    report = {"place": "P-DEPOT", "kind": "fire", "source": "phone"}
    system.http("command").post("/api/incidents", report)


def _admin(system: System, pages: Pages, room: str) -> Page:
    page = pages.blank(DESK)
    page.goto(f"{system.url}/admin#token={system.token('admin')}")
    page.get_by_role("navigation").get_by_role("link", name=room).click()
    expect(page.get_by_role("heading", name=room, exact=True)).to_be_visible()
    return page


def test_a_control_room_says_why_it_was_false(system: System, pages: Pages) -> None:
    page = pages.open("control-room", "control_room", "P-DEPOT", viewport=DESK)
    _call(system)
    _hold(page, "接令")
    _hold(page, "是误报")
    page.get_by_role("dialog").get_by_role("button", name="水汽").click()
    expect(page.get_by_role("heading", name="误报")).to_be_visible()
    pages.picture(page, "control-room-false")
    _hold(page, "办结")
    expect(page.get_by_text("无火警待核实")).to_be_visible()
    incident = max(system.http("command").all("/api/incidents"), key=lambda one: one["opened_at"])
    assert incident["verification"] == "false"


def test_an_administrator_finds_changes_and_cannot_delete_what_is_used(system: System, pages: Pages) -> None:
    page = _admin(system, pages, "基础登记")
    page.get_by_role("searchbox").fill("公交")
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("button", name="P-DEPOT").click()
    form = page.get_by_role("dialog")
    form.get_by_label("层数").fill("many")
    form.get_by_role("button", name="保存").click()
    expect(form.get_by_role("alert")).to_have_text("层数：“many”不是整数")
    pages.picture(page, "admin-form")
    form.get_by_role("button", name="删除").click()
    page.get_by_role("dialog").last.get_by_role("button", name="删除").click()
    expect(form.get_by_role("alert")).to_contain_text("P-DEPOT 仍被引用")
    form.get_by_label("层数").fill("1")
    form.get_by_role("button", name="保存").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    pages.picture(page, "admin-registry")


def test_a_password_is_shown_once_and_every_part_tells_how_it_is(system: System, pages: Pages) -> None:
    page = _admin(system, pages, "账号与口令")
    page.get_by_label("用户名").fill("chen")
    page.get_by_role("button", name="新增账号").click()
    secret = page.get_by_role("dialog").get_by_role("textbox").input_value()
    pages.picture(page, "admin-secret")
    page.get_by_role("button", name="完成").click()
    expect(page.get_by_role("row", name=re.compile("chen"))).to_be_visible()
    assert secret not in page.content()
    pages.picture(page, "admin-users", "phone")
    page.get_by_role("navigation").get_by_role("link", name="运行状态").click()
    expect(page.get_by_role("heading", name="值班屏")).to_be_visible()
    expect(page.get_by_role("heading", name="待入库数据")).to_be_visible()
    pages.picture(page, "admin-health", "phone")
