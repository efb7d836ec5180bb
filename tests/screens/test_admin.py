"""The administration page: health, registry, packs with their faults, access, refused data, who changed what."""

import re

from outside import System
from playwright.sync_api import Page, expect
from windows import DESK, Pages

FAULTY = "code,name,place,model\nGW-W,柳巷网关,P-NOWHERE,\nGW-X,,P-LANE,\n"


def _office(system: System, pages: Pages) -> Page:
    page = pages.blank(DESK)
    page.goto(f"{system.url}/admin#token={system.token('admin')}")
    expect(page.get_by_role("heading", level=2)).to_be_visible()
    return page


def _room(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="管理栏目").get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=2, name=name)).to_be_visible()


def test_health_names_every_part_and_what_to_do(system: System, pages: Pages) -> None:
    page = _office(system, pages)
    for part in ("调派台", "数据库", "MQTT 服务", "数据接收", "值班屏"):
        expect(page.get_by_role("heading", name=part, exact=True)).to_be_visible()
    pages.picture(page, "admin-health")


def test_a_place_is_found_and_opened_for_change(system: System, pages: Pages) -> None:
    page = _office(system, pages)
    _room(page, "基础登记")
    page.get_by_role("searchbox").fill("杂货")
    expect(page.get_by_role("row").filter(has_text="柳巷杂货店")).to_be_visible()
    expect(page.get_by_text("共 1 条")).to_be_visible()
    pages.picture(page, "admin-registry", "phone")
    page.get_by_role("button", name="新增").click()
    page.get_by_role("dialog").get_by_role("button", name="保存").click()
    expect(page.get_by_role("dialog").get_by_role("alert").first).to_contain_text("编码：请填写字母、数字")
    pages.picture(page, "admin-new-refused")


def test_a_pack_with_faults_is_told_by_line_and_changes_nothing(system: System, pages: Pages) -> None:
    before = system.http("admin").all("/api/gateways")
    page = _office(system, pages)
    _room(page, "数据包")
    page.locator("input[type=file]").set_input_files(
        {"name": "gateways.csv", "mimeType": "text/csv", "buffer": FAULTY.encode()}
    )
    page.get_by_role("button", name="检查").click()
    expect(page.get_by_role("alert")).to_contain_text("处错误")
    expect(page.get_by_role("row").filter(has_text="P-NOWHERE")).to_be_visible()
    pages.picture(page, "admin-pack-faults")
    assert system.http("admin").all("/api/gateways") == before


def test_refused_data_say_why_and_what_to_do(system: System, pages: Pages) -> None:
    with system.gateway("GW-W") as one:
        one.reading("SMK-NOBODY", smoke_db_m=0.1)
        one.reading("SMK-LANE-301", smoke_db_m=9_000.0)
    admin = system.http("admin")
    system.until(lambda: len(admin.all("/api/quarantine")) >= 2, "both are refused")
    page = _office(system, pages)
    _room(page, "拒收数据")
    expect(page.get_by_text("设备未登记").first).to_be_visible()
    page.locator("summary").first.click()
    pages.picture(page, "admin-refused")


def test_the_policy_and_access_are_shown_in_words(system: System, pages: Pages) -> None:
    page = _office(system, pages)
    _room(page, "调派预案")
    expect(page.get_by_text(re.compile("第一出动")).first).to_be_visible()
    pages.picture(page, "admin-policy")
    _room(page, "账号与口令")
    page.get_by_role("button", name="访问链接").click()
    expect(page.get_by_role("button", name="生成链接")).to_be_visible()
    pages.picture(page, "admin-links")
