"""What can be checked of deploy/compose.yaml without Docker, and that README's broker has the same rules."""

import re
from typing import Any

import pages
import pytest
import yaml

from devices import broker_access
from runtime.settings import Settings


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load(pages.page("deploy/compose.yaml").whole)


def _rules(text: str) -> set[str]:
    return {" ".join(line.split()) for line in text.splitlines() if line.strip() and not line.startswith("#")}


def _wanted() -> set[str]:
    rules = _rules(broker_access.acl_file("fg/v1").replace(f"user {broker_access.INTERNAL}", "user firegrid"))
    return rules - {"topic read $SYS/#"}  # only `up` reads the broker's own counts


def test_it_says_that_it_was_not_run():
    assert "UNTESTED" in "".join(pages.page("deploy/compose.yaml").whole.splitlines(keepends=True)[:5])


def test_its_settings_are_settings(compose):
    for service in ("ingest", "control"):
        names = compose["services"][service]["environment"]
        assert {name.removeprefix("FIREGRID_").lower() for name in names} <= set(Settings.model_fields)


def test_its_broker_lets_gateways_do_what_the_private_one_does(compose):
    assert _rules(compose["configs"]["access"]["content"]) == _wanted()


def test_its_image_holds_every_room(compose):
    recipe = compose["x-firegrid"]["build"]["dockerfile_inline"]
    copied = set(re.findall(r"^COPY (\w+) \1$", recipe, flags=re.MULTILINE))
    assert copied == {"devices", "ingest", "dispatch", "api", "simulators", "runtime"}


def test_the_brokers_rules_in_readme_are_those_of_the_private_one():
    (block,) = [one for one in pages.page("README.md").blocks("") if "pattern write" in one]
    assert _rules(block) == _wanted()
