"""The leader's and the command page, signing in, and the two languages."""

import re

from outside import System
from playwright.sync_api import Page, expect
from windows import DESK, PHONE, Pages, hold

HAN = re.compile(r"[\u4e00-\u9fff]")


def _fire(system: System) -> None:
    with system.gateway("GW-W") as one:
        one.event("SMK-LANE-301", "fire", value={"smoke_db_m": 0.42})


def _hold(page: Page, name: str) -> None:
    hold(page, page.get_by_role("button", name=re.compile(rf"^{name} ")))


def test_a_leader_is_told_where_answers_and_gets_a_list_of_what_to_do(system: System, pages: Pages) -> None:
    page = pages.open("leader", "person", "L-WS", viewport=PHONE)
    expect(page.get_by_text("没有待办指令")).to_be_visible()
    _fire(system)
    expect(page.get_by_role("heading", name="柳巷 3 号楼")).to_be_visible()
    expect(page.get_by_text("3 层 301").first).to_be_visible()
    pages.picture(page, "leader-alarm")
    _hold(page, "收到")
    tasks = page.get_by_role("checkbox")
    expect(tasks).to_have_count(6)
    tasks.first.check()
    page.get_by_label("备注").fill("已叫醒三户")
    pages.picture(page, "leader-on-the-way")
    _hold(page, "到场")
    expect(page.get_by_role("button", name=re.compile("^办结 "))).to_be_visible()
    pages.picture(page, "leader-on-scene")
    _hold(page, "办结")
    expect(page.get_by_text("没有待办指令")).to_be_visible()
    orders = system.http("command").all("/api/orders", recipient="person:L-WS")
    done = max(orders, key=lambda order: order["drafted_at"])
    assert (done["kind"], done["state"]) == ("attend", "closed")
    incident = system.http("command").get(f"/api/incidents/{done['incident']}")
    assert "已叫醒三户" in incident["notes"].values()


def test_a_leader_sees_the_open_incidents_of_the_own_grid(system: System, pages: Pages) -> None:
    page = pages.open("leader", "person", "L-WS", viewport=PHONE)
    _fire(system)
    # the page turns to a call that comes, whatever one was looking at
    expect(page.get_by_role("heading", name="柳巷 3 号楼")).to_be_visible()
    page.get_by_role("navigation", name="页面").get_by_role("button", name=re.compile("辖区")).click()
    listed = page.get_by_role("region", name=re.compile("网格内警情")).get_by_role("listitem")
    expect(listed).to_have_count(1)
    expect(listed).to_contain_text("已派 1 站")
    pages.picture(page, "leader-grid")
    listed.get_by_role("button").click()
    page.get_by_role("button", name="下结论").click()
    page.get_by_role("dialog").get_by_text("误报").click()
    pages.picture(page, "leader-verdict")


def test_command_sees_the_incident_its_crews_and_its_whole_timeline(system: System, pages: Pages) -> None:
    page = pages.open("command", "command")
    expect(page.get_by_text("当前没有未办结的警情").first).to_be_visible()
    _fire(system)
    line = page.get_by_role("navigation", name="未办结警情").get_by_role("button")
    expect(line).to_contain_text("柳巷 3 号楼")
    expect(line).to_contain_text("无值班屏在线")
    line.click()
    detail = page.get_by_role("complementary", name="警情详情")
    expect(detail.get_by_text("河西微型消防站 无值班屏在线，请电话通知")).to_be_visible()
    for told in ("警情建立：火警，来源 探测器", "出动指令 → 河西微型消防站", "到场引导 → 示例丁"):
        expect(detail.get_by_text(told)).to_be_visible()
    pages.picture(page, "command-incident")


def test_command_calls_another_station_and_closes_the_incident_by_a_verdict(system: System, pages: Pages) -> None:
    page = pages.open("command", "command")
    _fire(system)
    page.get_by_role("navigation", name="未办结警情").get_by_role("button").click()
    page.get_by_role("button", name="增派").click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("码头微型消防站")).click()
    detail = page.get_by_role("complementary", name="警情详情")
    expect(detail.get_by_role("strong").filter(has_text="码头微型消防站")).to_be_visible()
    command = system.http("command")
    orders = system.until(lambda: command.all("/api/orders", recipient="station:ST-QUAY"), "the call is listed")
    assert orders[0]["reason"] == "called"
    page.get_by_role("button", name="撤销").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="现场确认误报").click()
    dialog.get_by_role("button", name="撤销").click()
    expect(detail.get_by_text("已撤销").first).to_be_visible()
    page.get_by_role("button", name="下结论").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("真实火警").check()
    pages.picture(page, "command-verdict", "phone")
    dialog.get_by_label("误报").check()
    dialog.get_by_label("原因").select_option("cooking")
    dialog.get_by_role("button", name="确定").click()
    expect(page.get_by_text("当前没有未办结的警情").first).to_be_visible()
    closed = command.all("/api/incidents", state="closed")
    assert (closed[0]["verdict"], closed[0]["cause"]) == ("false", "cooking")


def test_command_opens_an_incident_by_hand_at_a_place_found_by_name(system: System, pages: Pages) -> None:
    page = pages.open("command", "command")
    page.get_by_role("button", name="人工报警").click()
    # the mouse has pressed, the hands are at the keys: what is typed now is the place
    expect(page.get_by_role("searchbox", name="地点")).to_be_focused()
    page.get_by_role("searchbox").fill("杂货")
    page.get_by_role("button", name=re.compile("柳巷杂货店")).click()
    page.get_by_label("居民").check()
    page.get_by_role("button", name="立即受理并调派").click()
    detail = page.get_by_role("complementary", name="警情详情")
    expect(detail.get_by_role("heading", name=re.compile("柳巷杂货店"))).to_be_visible()
    made = system.http("command").all("/api/incidents", state="open")
    assert [(one["place"]["code"], one["source"]) for one in made] == [("P-SHOP", "resident")]


def test_command_opens_an_incident_at_a_point_of_the_map(system: System, pages: Pages) -> None:
    page = pages.open("command", "command")
    page.get_by_role("button", name="人工报警").click()
    page.get_by_role("button", name="在地图上点选").click()
    page.get_by_role("application", name="辖区地图").click(position={"x": 300, "y": 300})
    expect(page.get_by_text(re.compile(r"地图点 \d"))).to_be_visible()
    page.get_by_role("button", name="立即受理并调派").click()
    expect(page.get_by_role("heading", name=re.compile("地图标注点"))).to_be_visible()
    assert system.http("command").all("/api/incidents", state="open")[0]["place"]["code"] is None


def test_a_user_signs_in_at_the_door_and_is_led_to_the_page_of_the_role(system: System, pages: Pages) -> None:
    password = system.command("user", "west", "--role", "station", "--for", "ST-WEST").stdout.strip()
    page = pages.blank(DESK)
    page.goto(f"{system.url}/login")
    page.get_by_label("用户名").fill("west")
    page.get_by_label("密码").fill("wrong")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_have_text("用户名或密码不对")
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="河西微型消防站")).to_be_visible()
    assert page.url == f"{system.url}/station"


def test_a_page_without_a_token_asks_and_one_of_another_role_is_refused(system: System, pages: Pages) -> None:
    page = pages.blank(DESK)
    page.goto(f"{system.url}/command")
    expect(page.get_by_label("用户名")).to_be_visible()
    other = pages.blank(DESK)
    other.goto(f"{system.url}/command#token={system.token('station', 'ST-WEST')}")
    expect(other.get_by_text("此账号不能使用本页面")).to_be_visible()
    stranger = pages.blank(DESK)
    stranger.goto(f"{system.url}/station#token=fg1.nobody.nothing")
    expect(stranger.get_by_text("登录已失效，请重新登录")).to_be_visible()


def test_the_language_is_switched_whole_and_remembered(system: System, pages: Pages) -> None:
    page = pages.open("station", "station", "ST-WEST")
    _fire(system)
    expect(page.get_by_text("接令").first).to_be_visible()
    page.get_by_role("button", name="切换为英文").click()
    expect(page.get_by_role("button", name=re.compile("^Acknowledge "))).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name=re.compile("^Acknowledge "))).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "en"
    names = (
        "独居老人",
        "停车",
        "消火栓",
        "较高",
        "柳巷",
        "河西",
        "柳河镇",
        "正街",
        "商场",
        "码头",
        "磨坊路",
        "中文",
        "河东",
        "取水点",
        "示例",
    )
    shown = [text.strip() for text in page.locator("body").inner_text().splitlines()]
    chinese = [text for text in shown if HAN.search(text) and not any(name in text for name in names)]
    assert chinese == []
    pages.picture(page, "station-english")
