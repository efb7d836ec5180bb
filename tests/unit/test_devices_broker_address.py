import ssl
from pathlib import Path

import pytest

from devices import broker_address
from devices.broker_address import BrokerAddress
from runtime.settings import Settings


def test_an_address_says_where_who_and_how():
    assert broker_address.parse("mqtt://GW-1:a%40%2Fb@broker.example:1884") == BrokerAddress(
        "broker.example", 1884, "GW-1", "a@/b", secure=False, ca=None
    )


@pytest.mark.parametrize(("url", "port", "secure"), [("mqtt://h", 1883, False), ("mqtts://h", 8883, True)])
def test_the_port_follows_from_the_scheme_where_none_is_said(url: str, port: int, *, secure: bool):
    address = broker_address.parse(url)
    assert (address.port, address.secure, address.user, address.password) == (port, secure, None, None)


@pytest.mark.parametrize("url", ["broker.example", "http://broker.example", "mqtt://h:port"])
def test_what_is_no_address_of_a_broker_is_refused(url: str):
    with pytest.raises(ValueError, match=r"mqtt://|[Pp]ort"):
        broker_address.parse(url)


def test_a_plain_address_is_not_encrypted_and_an_encrypted_one_checks_name_and_certificate():
    assert broker_address.parse("mqtt://h").tls() is None
    context = broker_address.parse("mqtts://h").tls()
    assert context is not None
    assert (context.check_hostname, context.verify_mode) == (True, ssl.CERT_REQUIRED)


def test_an_authority_is_part_of_the_address_however_often_it_is_put_there():
    once = broker_address.trusting("mqtts://u:p%40@h:1", Path("/a b/ca.pem"))
    assert broker_address.trusting(once, Path("/a b/ca.pem")) == once
    assert broker_address.parse(once) == BrokerAddress("h", 1, "u", "p@", secure=True, ca=Path("/a b/ca.pem"))


def test_the_setting_of_the_authority_becomes_part_of_the_address(tmp_path: Path):
    authority = Path(ssl.get_default_verify_paths().openssl_cafile)
    if not authority.is_file():
        pytest.skip("the machine has no certificates of authorities")
    settings = Settings(mqtt_url="mqtts://h", mqtt_ca=authority, data=tmp_path)
    assert settings.mqtt_url is not None
    assert broker_address.parse(settings.mqtt_url).ca == authority


@pytest.mark.parametrize("text", [None, "no certificate"])
def test_an_authority_that_cannot_be_read_is_refused(tmp_path: Path, text: str | None):
    file = tmp_path / "ca.pem"
    if text is not None:
        file.write_text(text)
    with pytest.raises(ValueError, match="holds no certificate"):
        Settings(mqtt_url="mqtts://h", mqtt_ca=file)
