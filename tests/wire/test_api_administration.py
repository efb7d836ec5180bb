"""What administrators do over HTTP: users, tokens, passwords, packs; each leaves its line in the log of changes."""

import io
import zipfile
from datetime import UTC, datetime

import psycopg

from devices import store


def _pack(room):
    """The files that the room's registry was read from."""
    return {path.name: path.read_text(encoding="utf-8") for path in (room.data / "pack").iterdir()}


def _bearer(room, role="admin"):
    return room.bearer(role)


def _zip(files):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as one:
        for name, text in files.items():
            one.writestr(f"town/{name}", text)
    return made.getvalue()


async def _upload(room, files, role="admin", **query):
    headers = room.bearer(role) | {"Content-Type": "application/zip"}
    return await room.http.post("/api/packs", content=_zip(files), params=query, headers=headers)


async def _log(room, **query):
    return (await room.get("/api/admin-log", "admin", **query)).json()["items"]


async def test_a_user_is_made_signs_in_gets_a_new_password_and_is_shut_out(room):
    admin = _bearer(room)
    made = (await room.http.put("/api/users/anna", json={"role": "station", "scope": "ST-A"}, headers=admin)).json()
    first = await room.http.post("/api/login", json={"user": "anna", "password": made["password"]})
    token = {"Authorization": f"Bearer {first.json()['token']}"}
    assert (await room.http.get("/api/me", headers=token)).status_code == 200
    users = (await room.get("/api/users", "admin")).json()["items"]
    assert [(one["name"], one["role"], one["scope"], one["tokens"]) for one in users] == [
        ("anna", "station", "ST-A", 1)
    ]
    listed = (await room.get("/api/tokens", "admin")).json()["items"]
    assert [(one["name"], one["revoked"]) for one in listed] == [("anna", False)]
    assert first.json()["token"] not in str(listed)

    renewed = (await room.http.post("/api/users/anna/password", headers=admin)).json()
    assert (await room.http.get("/api/me", headers=token)).status_code == 401
    assert (await room.http.post("/api/login", json={"user": "anna", "password": made["password"]})).status_code == 401
    again = await room.http.post("/api/login", json={"user": "anna", "password": renewed["password"]})
    token = {"Authorization": f"Bearer {again.json()['token']}"}

    assert (await room.http.delete("/api/users/anna", headers=admin)).status_code == 204
    assert (await room.http.get("/api/me", headers=token)).status_code == 401
    log = await _log(room, noun="users", code="anna")
    assert [one["what"] for one in log] == ["user_end", "password", "user"]
    with psycopg.connect(room.database_url) as connection:
        kept = str(connection.execute("SELECT * FROM admin_log").fetchall())
    assert made["password"] not in kept
    assert renewed["password"] not in kept


async def test_a_token_is_given_out_once_and_taken_back(room):
    admin = _bearer(room)
    asked = {"role": "station", "scope": "ST-A", "days": 2, "label": "wall-1"}
    given = (await room.http.post("/api/tokens", json=asked, headers=admin)).json()
    token = {"Authorization": f"Bearer {given['token']}"}
    assert (await room.http.get("/api/me", headers=token)).json()["recipient"] == "station:ST-A"
    assert (await room.http.delete(f"/api/tokens/{given['id']}", headers=admin)).status_code == 204
    assert (await room.http.get("/api/me", headers=token)).status_code == 401
    stray = room.token("command")
    assert (await room.http.post("/api/tokens/revoke", json={"token": stray}, headers=admin)).status_code == 204
    assert (await room.http.get("/api/me", headers={"Authorization": f"Bearer {stray}"})).status_code == 401
    for wrong in ({"role": "station"}, {"role": "command", "scope": "ST-A"}, {"role": "station", "scope": "ST-99"}):
        answer = await room.http.post("/api/tokens", json=wrong, headers=admin)
        assert answer.status_code == 422, wrong
        assert answer.json()["detail"]


async def test_a_gateways_password_is_said_once_and_kept_as_a_hash(room):
    admin = _bearer(room)
    with psycopg.connect(room.database_url) as connection:
        before = connection.execute("SELECT version FROM access_version").fetchone()
    said = (await room.http.post("/api/gateways/GW-1/password", headers=admin)).json()
    assert len(said["password"]) > 20
    listed = (await room.get("/api/gateway-passwords", "admin")).json()["items"]
    assert [one["gateway"] for one in listed] == ["GW-1"]
    with psycopg.connect(room.database_url) as connection:
        after = connection.execute("SELECT version FROM access_version").fetchone()
        kept = str(connection.execute("SELECT * FROM gateway_passwords, admin_log").fetchall())
    assert after != before
    assert said["password"] not in kept
    assert (await room.http.post("/api/gateways/GW-99/password", headers=admin)).status_code == 404
    assert (await room.http.delete("/api/gateways/GW-1/password", headers=admin)).status_code == 204
    assert (await room.http.delete("/api/gateways/GW-1/password", headers=admin)).status_code == 404


async def test_an_edit_and_a_deletion_are_written_down_with_who_and_what(room):
    admin = _bearer(room)
    body = {"name": "另一名", "phone": "000-9"}
    assert (await room.http.put("/api/people/L-A", json=body, headers=admin)).status_code == 204
    duties = [{"duty": "leader", "scope": "G3-A"}, {"duty": "member", "scope": "G3-B"}]
    assert (await room.http.put("/api/people/L-A/duties", json=duties, headers=admin)).status_code == 204
    refused = await room.http.put("/api/people/L-A/duties", json=[{"duty": "leader", "scope": "X"}], headers=admin)
    assert refused.status_code == 422
    assert (await room.http.delete("/api/stations/ST-A", headers=admin)).status_code == 409
    log = await _log(room)
    assert [(one["what"], one["noun"], one["code"]) for one in log] == [
        ("duties", "people", "L-A"),
        ("put", "people", "L-A"),
    ]
    assert log[0]["changed"] == ["duties"]
    assert log[0]["before"] == log[1]["after"]
    assert log[0]["who"].startswith("admin")
    with psycopg.connect(room.database_url) as connection:
        after = store.read(connection)
    assert [(duty.duty, duty.scope) for duty in after.duties_of("L-A")] == [("leader", "G3-A"), ("member", "G3-B")]


async def test_a_pack_is_looked_at_then_applied_whole(room):
    files = _pack(room)
    seen = (await _upload(room, files)).json()
    assert (seen["faults"], seen["changes"], seen["applied"]) == ([], {}, False)
    more = files | {"gateways.csv": files["gateways.csv"] + "GW-2,二号网关,P-B\n"}
    seen = (await _upload(room, more)).json()
    assert seen["changes"]["gateways"]["codes"]["added"] == ["GW-2"]
    moved = await _upload(room, more, apply=True, version=seen["version"] + 7)
    assert moved.status_code == 409
    done = (await _upload(room, more, apply=True, version=seen["version"])).json()
    assert done["applied"]
    with psycopg.connect(room.database_url) as connection:
        assert "GW-2" in store.read(connection).gateways
    log = await _log(room)
    assert (log[0]["what"], log[0]["detail"]["changes"]["gateways"]["added"]) == ("pack", 1)


async def test_some_files_of_a_pack_leave_the_others_as_they_are(room):
    files = _pack(room)
    one = {"gateways.csv": files["gateways.csv"] + "GW-2,二号网关,P-B\n"}
    whole = await _upload(room, one)
    assert whole.status_code == 422
    assert {fault["reason"] for fault in whole.json()["faults"]} >= {"is missing"}
    done = (await _upload(room, one, keep=True, apply=True)).json()
    assert done["applied"]
    with psycopg.connect(room.database_url) as connection:
        after = store.read(connection)
        roads = connection.execute("SELECT name FROM roads").fetchone()
    assert set(after.gateways) == {"GW-1", "GW-2"}
    assert set(after.places) == set(room.registry.places)
    assert roads == ("roads.osm",)
    back = await room.http.get("/api/packs", headers=_bearer(room))
    with zipfile.ZipFile(io.BytesIO(back.content)) as archive:
        assert "GW-2" in archive.read("gateways.csv").decode()
        assert archive.read("roads.osm").decode() == files["roads.osm"]
    assert list(room.data.glob(".pack-*")) == []


async def test_a_pack_with_two_hundred_faults_changes_nothing_and_names_each(room):
    rows = "".join(f"SMK-X{n},smoke-photo,GW-1,P-NOWHERE,3,301,,,\n" for n in range(200))
    files = _pack(room)
    broken = files | {"devices.csv": files["devices.csv"] + rows}
    answer = await _upload(room, broken, apply=True)
    told = answer.json()
    assert (answer.status_code, told["total"], len(told["faults"])) == (422, 200, 200)
    assert told["faults"][0]["file"] == "devices.csv"
    assert told["faults"][0]["line"] == 5
    assert "P-NOWHERE" in told["faults"][0]["reason"]
    with psycopg.connect(room.database_url) as connection:
        assert store.read(connection).version == room.registry.version
    assert await _log(room) == []


async def test_only_administrators_administer(room):
    for role in ("command", "viewer"):
        for path in ("/api/users", "/api/tokens", "/api/health", "/api/quarantine", "/api/admin-log", "/api/packs"):
            assert (await room.get(path, role)).status_code == 403, (role, path)
        assert (await _upload(room, {}, role)).status_code == 403


async def test_the_registry_is_a_table_to_search_and_sort(room):
    table = (await room.get("/api/registry/devices", "admin", q="smk", sort="place", descending=True, limit=1)).json()
    assert (table["total"], [one["code"] for one in table["items"]]) == (2, ["SMK-2"])
    people = (await room.get("/api/registry/people", "admin", q="leader G3-A")).json()["items"]
    assert [one["code"] for one in people] == ["L-A"]
    assert (await room.get("/api/registry/places", "admin", sort="colour")).status_code == 422
    assert (await room.get("/api/registry/lamps", "admin")).status_code == 404
    grid = (await room.get("/api/registry/grids/G3-A", "admin")).json()
    assert (await room.http.put("/api/grids/G3-A", json=grid, headers=_bearer(room))).status_code == 204


async def test_what_was_refused_is_shown_with_its_reason_and_what_came(room):
    with psycopg.connect(room.database_url) as connection:
        for reason, payload in (
            ("not_json", b"{oops"),
            ("unknown_device", b'{"device":"X"}'),
            ("not_cbor", b"\xff\x00"),
        ):
            connection.execute(
                "INSERT INTO quarantine (received_at, gateway, topic, device, reason, detail, payload, bytes)"
                " VALUES (%s, 'GW-1', 't', NULL, %s, 'why', %s, 9)",
                (datetime.now(UTC), reason, payload),
            )
            connection.execute(
                "INSERT INTO quarantine_counts (gateway, reason, day, count) VALUES ('GW-1', %s, %s, 3)",
                (reason, datetime.now(UTC).date()),
            )
    first = (await room.get("/api/quarantine", "admin", limit=2)).json()
    assert [(one["reason"], one["item"], one["binary"]) for one in first["items"]] == [
        ("not_cbor", "ff 00", True),
        ("unknown_device", '{"device":"X"}', False),
    ]
    rest = (await room.get("/api/quarantine", "admin", cursor=first["next"])).json()
    assert [one["reason"] for one in rest["items"]] == ["not_json"]
    one = (await room.get("/api/quarantine", "admin", reason="not_json", gateway="GW-1")).json()["items"]
    assert [each["item"] for each in one] == ["{oops"]
    counts = (await room.get("/api/quarantine/counts", "admin")).json()["items"]
    assert {(each["reason"], each["count"]) for each in counts} == {
        ("not_json", 3),
        ("unknown_device", 3),
        ("not_cbor", 3),
    }


async def test_health_says_of_every_part_how_it_is(room):
    told = (await room.get("/api/health", "admin")).json()
    parts = {one["part"]: one for one in told["parts"]}
    assert parts["desk"]["code"] == "leads"
    assert parts["database"]["values"]["timescale"]
    assert parts["ingest"]["code"] == "silent"
    assert parts["gateways"]["code"] == "without"
    assert told["state"] == "wrong"


async def test_the_policy_and_the_models_are_told_in_words(room):
    words = (await room.get("/api/policy/words", "admin")).json()
    assert words["zh"][0].startswith("调派预案")
    assert words["en"][0].startswith("Dispatch policy")
    models = {one["code"]: one for one in (await room.get("/api/profiles", "admin")).json()["items"]}
    assert models["smoke-photo"]["devices"] == 2
    assert models["smoke-photo"]["levels"][0]["at_least"] == 0.15
