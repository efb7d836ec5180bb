"""Incidents split, merged, judged and reported on, over HTTP, with the rows they leave."""

import asyncio

from desks import rows, until


async def test_alarms_are_split_off_and_merged_back_and_rows_and_timelines_follow(room):
    await room.fire("SMK-1")
    await room.fire("SMK-1", "manual_call", seq=2)
    (one,) = (await room.get("/api/incidents")).json()["items"]
    alarms = [each["id"] for each in one["alarms"]]
    at = f"/api/incidents/{one['id']}"
    refused = await room.post(f"{at}/split", {"alarms": alarms})
    assert (refused.status_code, "one alarm at least must stay" in refused.json()["detail"]) == (409, True)
    split = await room.post(f"{at}/split", {"alarms": alarms[1:], "note": "另一处"})
    assert split.status_code == 200, split.text
    new = split.json()
    assert (new["split_from"], [each["id"] for each in new["alarms"]]) == (one["id"], alarms[1:])
    assert {each["kind"] for each in new["orders"]} >= {"respond"}

    for role, scope in (("viewer", None), ("station", "ST-A")):
        for path, body in (("split", {"alarms": alarms[:1]}), ("merge", {"into": new["id"]}), ("outcome", {})):
            assert (await room.post(f"{at}/{path}", body, role, scope)).status_code == 403, (role, path)
    assert (await room.post(f"{at}/merge", {"into": "I-999999"})).status_code == 404

    merged = await room.post(
        f"/api/incidents/{new['id']}/merge", {"into": one["id"], "note": "同一处"}, "person", "L-A"
    )
    assert merged.status_code == 200, merged.text
    both = merged.json()
    assert (both["id"], [each["id"] for each in both["alarms"]]) == (one["id"], alarms)
    assert {each["incident"] for each in both["orders"]} == {one["id"]}
    gone = (await room.get(f"/api/incidents/{new['id']}")).json()
    assert (gone["state"], gone["merged_into"], gone["verdict"], gone["orders"]) == ("closed", one["id"], None, [])
    await until(lambda: rows(room.database_url, "SELECT DISTINCT incident FROM orders") == [(one["id"],)])
    assert rows(room.database_url, "SELECT DISTINCT incident FROM alarms") == [(one["id"],)]
    told = (await room.get(at)).json()
    facts = [each["fact"] for entry in told["timeline"] for each in entry["facts"]]
    assert {"incident_split", "incident_merged"} <= set(facts)
    assert sorted(told["notes"].values()) == ["另一处", "同一处"]


async def test_false_alarms_of_late_are_told_to_those_who_answer_for_the_place(room):
    for seq in range(3):
        await room.fire("SMK-1", seq=seq)
        latest = (await room.get("/api/incidents")).json()["items"][0]["id"]
        assert (await room.post(f"/api/incidents/{latest}/stand-down", None)).status_code == 200
        judged = await room.post(f"/api/incidents/{latest}/verdict", {"verdict": "false", "cause": "cooking"})
        assert judged.json()["state"] == "closed"
    told = (await room.get("/api/false-alarms", noun="device")).json()["items"]
    assert [(one["code"], one["count"], one["causes"]) for one in told] == [("SMK-1", 3, {"cooking": 3})]
    assert told[0]["maintenance_at"] is not None
    assert (await room.get("/api/false-alarms", "person", "L-A")).json()["items"] != []
    assert (await room.get("/api/false-alarms", "person", "L-B")).json()["items"] == []
    assert (await room.get("/api/false-alarms", "station", "ST-A")).status_code == 403
    (mine,) = (await room.get("/api/orders", "person", "M-A")).json()["items"]
    assert (mine["kind"], mine["priority"], mine["maintenance"]["device"]) == ("rectify", 4, "SMK-1")
    assert (mine["file"]["hazards"], mine["file"]["vulnerable"]) == ("充电", None)


async def test_a_real_fires_report_is_completed_step_by_step_and_bad_figures_are_refused(room):
    await room.fire("SMK-1")
    (one,) = (await room.get("/api/incidents")).json()["items"]
    at = f"/api/incidents/{one['id']}"
    wrong = await room.post(f"{at}/verdict", {"verdict": "real", "cause": "dust"})
    assert (wrong.status_code, "e_bike" in wrong.json()["detail"]) == (409, True)
    early = await room.post(f"{at}/outcome", {"outcome": {"dead": 0}})
    assert (early.status_code, "verdict real first" in early.json()["detail"]) == (409, True)
    real = (await room.post(f"{at}/verdict", {"verdict": "real", "cause": "e_bike", "outcome": {"dead": 0}})).json()
    assert "area_m2" in real["report_missing"]
    assert "dead" not in real["report_missing"]
    bad = await room.post(f"{at}/outcome", {"outcome": {"area_m2": -1}})
    assert (bad.status_code, "outcome.area_m2" in bad.json()["detail"]) == (409, True)
    more = await room.post(f"{at}/outcome", {"outcome": {"area_m2": 2.5, "put_out_by": "station"}, "note": "灶台"})
    assert more.status_code == 200, more.text
    assert more.json()["outcome"] == {"dead": 0, "area_m2": 2.5, "put_out_by": "station"}
    await asyncio.sleep(0)
    await until(lambda: rows(room.database_url, "SELECT body -> 'outcome' ->> 'area_m2' FROM incidents") == [("2.5",)])


async def test_a_report_is_kept_as_a_version_each_time_and_only_for_who_decides(room):
    await room.fire("SMK-1")
    (one,) = (await room.get("/api/incidents")).json()["items"]
    at = f"/api/incidents/{one['id']}/reports"
    first = await room.post(at, {"ref": "r1", "kind": "first", "text": "首报", "signed": "甲", "entry": 3})
    assert first.status_code == 201, first.text
    assert first.json()["saved_by"] == "command:main"
    again = await room.post(at, {"ref": "r1", "kind": "first", "text": "另一份", "signed": "乙"})
    assert again.json() == first.json()
    second = await room.post(at, {"ref": "r2", "kind": "followup", "language": "en", "text": "more"}, "person", "L-A")
    assert second.json()["saved_by"] == "person:L-A"
    page = (await room.get(at, limit=1)).json()
    assert [each["text"] for each in page["items"]] == ["more"]
    rest = (await room.get(at, limit=1, cursor=page["next"])).json()
    assert ([each["text"] for each in rest["items"]], rest["next"]) == (["首报"], None)
    for role, scope, status in (("viewer", None, 403), ("station", "ST-A", 403), ("person", "L-B", 404)):
        assert (await room.get(at, role, scope)).status_code == status, role
    assert (await room.post(at, {"ref": "r3", "kind": "gossip", "text": "x"})).status_code == 422


async def test_past_incidents_are_found_by_day_place_and_verdict_and_a_timeline_from_an_entry_on(room):
    await room.fire("SMK-1")
    (fire,) = (await room.get("/api/incidents")).json()["items"]
    by_hand = {"place": "P-B", "kind": "manual", "source": "phone"}
    other = (await room.post("/api/incidents", by_hand)).json()["id"]
    assert (await room.post(f"/api/incidents/{fire['id']}/stand-down", None)).json()["stood_down"] is True
    judged = (await room.post(f"/api/incidents/{fire['id']}/verdict", {"verdict": "test"})).json()
    assert judged["judged_at"] is not None

    async def found(**query):
        return [each["id"] for each in (await room.get("/api/incidents", **query)).json()["items"]]

    assert await found(verdict="test") == [fire["id"]]
    assert await found(verdict="none") == [other]
    assert await found(place="P-B") == [other]
    assert await found(to=fire["opened_at"]) == []
    assert set(await found(**{"from": fire["opened_at"]})) == {fire["id"], other}
    assert (await room.get("/api/incidents", verdict="maybe")).status_code == 422
    whole = (await room.get(f"/api/incidents/{fire['id']}")).json()["timeline"]
    last = whole[-1]
    assert (await room.get(f"/api/incidents/{fire['id']}", after=whole[-2]["entry"])).json()["timeline"] == [last]
    kept = rows(room.database_url, f"SELECT encode(digest, 'hex') FROM ledger WHERE entry = {last['entry']}")
    assert kept == [(last["digest"],)]


async def test_a_device_says_at_which_values_it_alarms(room):
    one = (await room.get("/api/devices/SMK-1")).json()
    assert one["interval_s"] > 0
    assert {"column": "smoke_db_m", "alarm": "fire", "level": "alarm", "at_least": 0.15, "at_most": None} in one[
        "levels"
    ]
