import base64
import hashlib

from devices import broker_access
from devices.model import CODE


def test_a_hash_is_what_mosquitto_computes():
    marker, iterations, salt, digest = broker_access.hash_password("secret", b"0123456789ab").split("$")[1:]
    assert marker == "7"
    assert base64.b64decode(salt) == b"0123456789ab"
    expected = hashlib.pbkdf2_hmac("sha512", b"secret", b"0123456789ab", int(iterations))
    assert base64.b64decode(digest) == expected


def test_two_hashes_of_one_password_differ():
    assert broker_access.hash_password("secret") != broker_access.hash_password("secret")


def test_the_password_file_has_a_line_a_user_in_order():
    assert broker_access.password_file({"GW-2": "$7$b", "GW-1": "$7$a"}) == "GW-1:$7$a\nGW-2:$7$b\n"


def test_only_the_internal_user_may_use_the_internal_topics():
    lines = broker_access.acl_file("x/y").splitlines()
    assert lines[:2] == ["user _firegrid", "topic readwrite x/y/#"]
    patterns = [line for line in lines if line.startswith("pattern")]
    assert all("/%u/" in line for line in patterns)
    assert {line.split()[1] + " " + line.rsplit("/", 1)[1] for line in patterns} == {
        "write telemetry",
        "write event",
        "write status",
        "write reply",
        "read command",
        "read rejected",
    }
    assert not CODE.fullmatch("_")
    assert not CODE.fullmatch(broker_access.INTERNAL)
