"""The command page's rooms: the district at a glance, long lists, statistics, duty, log, phone book, restrictions."""

import re
from datetime import UTC, datetime

from outside import System
from playwright.sync_api import Page, expect
from windows import DESK, WALL, Pages, Wire

WALL_4K = {"width": 3840, "height": 2160}


def _fire(system: System) -> None:
    with system.gateway("GW-W") as one:
        one.event("SMK-LANE-301", "fire", value={"smoke_db_m": 0.42})


def _room(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="指挥中心各界面").get_by_role("link", name=name).click()


def test_the_map_hatches_grids_by_risk_and_lists_places_that_nobody_reaches(system: System, pages: Pages) -> None:
    page = pages.open("command", "command")
    legend = page.get_by_role("region", name="图例")
    expect(legend.get_by_text(re.compile("三分钟不可达场所 [1-9]"))).to_be_visible()
    expect(page.locator(".leaflet-risk-pane path.leaflet-interactive").first).to_be_attached()
    fills = page.locator(".leaflet-risk-pane path.leaflet-interactive").evaluate_all(
        "all => all.map(one => one.getAttribute('fill'))"
    )
    assert len(fills) == 4
    assert all(re.fullmatch(r"url\(#hatch-(red|orange|yellow|blue)\)", fill) for fill in fills)
    legend.get_by_label("网格风险").uncheck()
    expect(page.locator(".leaflet-risk-pane path.leaflet-interactive")).to_have_count(0)
    page.reload()
    expect(legend.get_by_label("网格风险")).not_to_be_checked()
    expect(page.get_by_role("heading", name=re.compile("此刻 3 分钟内无力量可达"))).to_be_visible()
    uncovered = system.http("command").get("/api/coverage")["uncovered"]
    expect(page.get_by_role("complementary").get_by_role("button", name=uncovered[0]["name"])).to_be_visible()


def test_the_whole_page_is_held_to_a_grid(system: System, pages: Pages) -> None:
    page = pages.open("command", "command")
    _fire(system)
    listed = page.get_by_role("navigation", name="未办结警情").get_by_role("button")
    expect(listed).to_have_count(1)
    page.get_by_label("只看网格").select_option("G2-E")
    expect(listed).to_have_count(0)
    page.get_by_label("只看网格").select_option("G3-WS")
    expect(listed).to_have_count(1)


def test_many_incidents_are_grouped_and_gathered_on_the_map(system: System, pages: Pages) -> None:
    command = system.http("command")
    for number in range(45):
        where = {"lon": 120.592 + 0.0006 * (number % 15), "lat": 30.892 + 0.009 * (number // 15)}
        command.post("/api/incidents", {**where, "kind": "electrical" if number % 3 else "fire", "source": "phone"})
    opened = len(command.all("/api/incidents", state="open"))
    page = pages.open("command", "command")
    nav = page.get_by_role("navigation", name="未办结警情")
    expect(nav.get_by_role("heading")).to_contain_text(str(opened))
    fires = nav.get_by_role("button", name=re.compile("^火警"))
    expect(fires).to_have_attribute("aria-expanded", "true")
    assert nav.get_by_role("listitem").count() < opened
    expect(page.locator(".map-cluster").first).to_be_visible()
    counted = page.locator(".map-cluster .count").all_inner_texts()
    assert sum(int(one) for one in counted) + page.locator(".map-incident:not(.map-cluster)").count() == opened
    pages.picture(page, "command-many")
    fires.click()
    expect(fires).to_have_attribute("aria-expanded", "false")
    fires.click()
    nav.get_by_role("listitem").filter(has_text="火警").nth(2).get_by_role("button").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("complementary", name="警情详情").get_by_role("heading", level=2)).to_be_visible()
    assert "#situation/I-" in page.url


def test_past_incidents_are_found_by_day_place_and_verdict_and_kept_as_a_sheet(system: System, pages: Pages) -> None:
    command = system.http("command")
    for place, verdict in (("P-INN", "false"), ("P-INN", "unfounded"), ("P-DEPOT", "false")):
        made = command.post("/api/incidents", {"place": place, "kind": "electrical", "source": "phone"})
        command.post(f"/api/incidents/{made['id']}/verdict", {"verdict": verdict})
    page = pages.open("command", "command")
    _room(page, "警情")
    listed = page.get_by_role("list", name="警情", exact=True).get_by_role("listitem")
    page.get_by_role("combobox", name="地点").fill("桥头")
    page.get_by_role("option", name=re.compile("桥头旅店")).click()
    page.get_by_label("结论").select_option("unfounded")
    expect(listed).to_have_count(1)
    expect(listed).to_contain_text("查无实情")
    expect(page.get_by_role("status").filter(has_text="共 1 起")).to_be_visible()
    pages.picture(page, "command-incidents", "phone")
    with page.expect_download() as kept:
        page.get_by_role("button", name="导出表格").click()
    sheet = kept.value.path().read_text("utf-8-sig").splitlines()
    assert [("桥头旅店" in line, "查无实情" in line) for line in sheet[1:]] == [(True, True)]
    # what was looked for is still there after a look at one of them
    listed.get_by_role("link").click()
    expect(page.get_by_role("article", name="警情详情")).to_be_visible()
    page.go_back()
    expect(listed).to_have_count(1)
    page.get_by_label("到", exact=True).fill("2020-01-01")
    expect(page.get_by_text("没有符合条件的警情")).to_be_visible()
    page.get_by_role("button", name="清除条件").click()
    expect(listed.nth(2)).to_be_visible()


def test_rooms_have_addresses_and_digits(pages: Pages) -> None:
    page = pages.open("command", "command", viewport=DESK)
    page.keyboard.press("4")
    expect(page.get_by_role("heading", name=re.compile("^统计"))).to_be_visible()
    assert page.url.endswith("#statistics")
    page.go_back()
    expect(page.get_by_role("navigation", name="未办结警情")).to_be_visible()
    page.keyboard.press("n")
    page.get_by_role("searchbox").fill("4")
    expect(page.get_by_role("searchbox")).to_have_value("4")


def test_statistics_are_charts_and_a_sheet_that_can_be_kept(system: System, pages: Pages) -> None:
    _fire(system)
    page = pages.open("command", "command")
    _room(page, "统计")
    expect(page.locator(".uplot").nth(4)).to_be_visible()
    page.get_by_label("分项").select_option("station")
    expect(page.get_by_role("rowheader", name="河西微型消防站")).to_be_visible()
    with page.expect_download() as kept:
        page.get_by_role("button", name="导出表格").click()
    sheet = kept.value.path().read_text("utf-8-sig").splitlines()
    assert sheet[0].startswith("key,from,to,alarms")
    assert any(line.startswith("ST-WEST,") for line in sheet)
    pages.picture(page, "command-statistics")


def test_the_log_keeps_entries_and_a_handover_lists_what_is_open(system: System, pages: Pages) -> None:
    _fire(system)
    page = pages.open("command", "command")
    _room(page, "日志")
    page.get_by_label("记录人").fill("示例甲")
    page.get_by_label("内容").fill("市民来电询问烟味")
    page.get_by_role("button", name="记入日志").click()
    entry = page.get_by_role("article").filter(has_text="市民来电询问烟味")
    expect(entry).to_contain_text("示例甲")
    entry.get_by_role("button", name="更正").click()
    page.get_by_label("内容").fill("是焦味")
    page.get_by_role("button", name="记入日志").click()
    expect(page.get_by_role("article").filter(has_text="是焦味")).to_contain_text("更正第")
    expect(entry).to_be_visible()
    page.get_by_role("button", name="交接班").click()
    expect(page.get_by_role("region", name="未了事项")).to_contain_text("柳巷 3 号楼")
    page.get_by_label("接班人").fill("示例乙")
    page.get_by_label("内容").fill("柳巷火警在办")
    page.get_by_role("button", name="交班", exact=True).click()
    expect(page.get_by_role("article").filter(has_text="柳巷火警在办")).to_contain_text("交班给 示例乙")
    kept = system.http("command").all("/api/log")
    assert [one["kind"] for one in kept[:3]] == ["handover", "correction", "entry"]
    assert kept[1]["corrects"] == kept[2]["id"]
    assert [one["place"] for one in kept[0]["matters"]["incidents"]] == ["柳巷 3 号楼"]
    assert "ST-GAP" in kept[0]["matters"]["off_duty"]
    pages.picture(page, "command-log")


def test_an_entry_is_kept_once_by_its_ref_and_only_by_who_may(system: System) -> None:
    command, body = system.http("command"), {"ref": "log-once", "text": "一次", "name": "示例"}
    first, again = (command.post("/api/log", body) for _ in range(2))
    assert first == again
    assert sum(one["text"] == "一次" for one in command.all("/api/log")) == 1
    assert command.ask("POST", "/api/log", {**body, "ref": "log-2", "kind": "handover"}).status_code == 422
    assert (
        command.ask("POST", "/api/log", {**body, "ref": "log-3", "kind": "correction", "corrects": 10**9}).status_code
        == 404
    )
    assert system.http("viewer").ask("POST", "/api/log", {**body, "ref": "log-4"}).status_code == 403
    assert system.http("station", "ST-WEST").ask("GET", "/api/log").status_code == 403


def test_the_roster_shows_gaps_and_a_station_is_asked_whether_somebody_is_there(system: System, pages: Pages) -> None:
    page = pages.open("command", "command")
    _room(page, "值班")
    gap = page.get_by_role("listitem").filter(has_text="柳巷微型消防站")
    expect(gap).to_contain_text("此刻空岗")
    expect(gap.get_by_role("button", name="查岗")).to_have_count(0)
    mall = page.get_by_role("listitem").filter(has_text="河西商场微型消防站")
    mall.get_by_role("button", name="查岗").click()
    expect(mall).to_contain_text("待应答")
    sent = [one for one in system.http("command").all("/api/duty-checks", station="ST-MALL") if one["state"] == "open"]
    assert [one["reason"] for one in sent] == ["asked"]
    system.http("station", "ST-MALL").post(f"/api/duty-checks/{sent[0]['id']}/answer", {"ref": "here"})
    expect(mall).to_contain_text("已应答")
    pages.picture(page, "command-roster")


def test_live_events_come_by_themselves_and_can_be_stopped(system: System, pages: Pages) -> None:
    page = pages.open("command", "command")
    _room(page, "动态")
    page.get_by_role("button", name="暂停").click()
    _fire(system)
    expect(page.get_by_role("button", name=re.compile("继续（新 [1-9]"))).to_be_visible()
    page.get_by_role("button", name=re.compile("继续")).click()
    expect(page.get_by_role("listitem").filter(has_text="出动指令 → 河西微型消防站").first).to_be_visible()
    page.get_by_label("指令").uncheck()
    expect(page.get_by_role("listitem").filter(has_text="出动指令 →")).to_have_count(0)
    pages.picture(page, "command-live")


def test_the_phone_book_finds_people_by_what_they_answer_for(pages: Pages) -> None:
    page = pages.open("command", "command")
    _room(page, "通讯录")
    page.get_by_role("searchbox").fill("网格长 河西南片")
    found = page.get_by_role("list", name="通讯录").get_by_role("listitem")
    expect(found.filter(has_text="示例丁")).to_have_count(1)
    expect(found.filter(has_text="示例己")).to_have_count(0)
    assert page.get_by_role("link", name=re.compile("拨打 示例丁")).get_attribute("href") == "tel:000004"


def test_command_blacks_a_place_out_and_closes_a_road_and_lifts_both(pages: Pages) -> None:
    page = pages.open("command", "command")
    _room(page, "管控")
    page.get_by_role("button", name="新增屏蔽").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("searchbox").fill("面粉")
    dialog.get_by_role("button", name=re.compile("面粉厂")).click()
    dialog.get_by_role("button", name="确定").click()
    blackouts = page.get_by_role("region", name="检修屏蔽")
    expect(blackouts.get_by_role("listitem").filter(has_text="面粉厂").first).to_contain_text("生效")
    page.get_by_role("button", name="新增封闭").click()
    dialog.get_by_role("application").click(position={"x": 150, "y": 100})
    dialog.get_by_label("说明").fill("正街施工")
    dialog.get_by_role("button", name="确定").click()
    closures = page.get_by_role("region", name=re.compile("道路封闭"))
    expect(closures.get_by_role("listitem").filter(has_text="正街施工")).to_contain_text("生效")
    pages.picture(page, "command-restrictions")
    closures.get_by_role("button", name="解除").click()
    dialog.get_by_role("button", name="解除").click()
    expect(closures.get_by_role("listitem").filter(has_text="正街施工")).to_have_count(0)
    blackouts.get_by_role("button", name="结束屏蔽").first.click()
    dialog.get_by_role("button", name="结束屏蔽").click()
    expect(blackouts.get_by_role("listitem").filter(has_text="面粉厂").first).to_contain_text("已结束")


def test_the_wall_shows_the_district_with_nothing_to_press(system: System, pages: Pages) -> None:
    _fire(system)
    page = pages.blank(WALL_4K)  # type: ignore[arg-type]
    page.goto(f"{system.url}/command?wall#token={system.token('command')}")
    expect(page.get_by_text("柳巷 3 号楼").first).to_be_visible()
    # but for the sound, which a browser may ask for
    assert page.locator("input, select, textarea, a[href]").count() == 0
    size = page.get_by_role("timer").first.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    assert size > 60
    page.set_viewport_size(WALL)
    pages.picture(page, "command-wall")
    for place in ("P-INN", "P-MILL", "P-QUAY"):
        system.http("command").post("/api/incidents", {"place": place, "kind": "fire", "source": "119"})
    page.set_viewport_size(DESK)
    # four cards would not fit: what is open stands in lines, none of them cut off
    shown = page.get_by_role("region", name="未办结警情").get_by_role("group")
    expect(shown).to_have_count(4)
    expect(shown.last).to_be_in_viewport(ratio=1)
    pages.picture(page, "command-wall-lines")


def test_the_rooms_say_so_when_the_line_is_lost_and_go_on_by_themselves(pages: Pages, wire: Wire) -> None:
    page = pages.open("command", "command", url=wire.url)
    wire.cut()
    lost = page.get_by_role("alert").filter(has_text="连接中断")
    expect(lost).to_be_visible()
    # the room is opened without a line: neither it nor what it reads need have been fetched before
    _room(page, "值班")
    expect(page.get_by_role("alert").filter(has_not_text="连接中断")).to_have_count(1)
    pages.picture(page, "command-lost", "phone")
    wire.mend()
    expect(page.get_by_role("listitem").filter(has_text="柳巷微型消防站")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_the_look_of_the_page_is_chosen_and_found_again(system: System, pages: Pages) -> None:
    _fire(system)
    page = pages.open("command", "command", viewport=DESK)
    page.get_by_role("button", name="切换为浅色").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.get_by_role("navigation", name="未办结警情").get_by_role("button").click()
    expect(page.get_by_role("complementary", name="警情详情").get_by_text("警情建立")).to_be_visible()
    pages.picture(page, "command-light", "phone")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


def test_the_roster_is_told_by_day(system: System) -> None:
    command = system.http("command")
    gap = next(one for one in command.all("/api/roster", days=1) if one["station"] == "ST-GAP")
    now = datetime.now(UTC)
    assert any(not span["people"] and span["from"] <= _text(now) < span["until"] for span in gap["spans"])
    assert command.ask("GET", "/api/roster", days=99).status_code == 422


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
