import subprocess
import sys

import pytest

from adapters.aws.building import dynamodb
from adapters.setting_checks import WrongSetting
from adapters.settings import Settings


@pytest.mark.parametrize("environment", ["", "Prod", "a b", "1st", "x" * 21, "dev/../prod"])
def test_an_environment_is_a_short_word(environment: str) -> None:
    with pytest.raises(WrongSetting, match="RELEX_AWS_ENV"):
        Settings(aws_env=environment)


@pytest.mark.parametrize("shards", [0, -1, 17])
def test_places_are_spread_over_few_counters(shards: int) -> None:
    with pytest.raises(WrongSetting, match="RELEX_DYNAMO_SHARDS"):
        Settings(dynamo_shards=shards)


def test_an_endpoint_is_a_url_or_nothing() -> None:
    assert Settings(dynamo_endpoint_url="").dynamo_endpoint_url == ""
    with pytest.raises(WrongSetting, match="RELEX_DYNAMO_ENDPOINT_URL"):
        Settings(dynamo_endpoint_url="localhost:8000")


def test_without_the_client_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("adapters.aws.dynamo")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "botocore.exceptions", None)

    with pytest.raises(WrongSetting, match=r"RELEX_STORE=dynamodb needs .*requirements-aws\.lock"):
        dynamodb(Settings(store="dynamodb"))


def test_who_does_not_choose_it_does_not_load_it() -> None:
    script = (
        "import sys, bootstrap, adapters.registry as r, adapters.settings as s; "
        "r.STORES.build('memory', s.Settings()); "
        "sys.exit(any(n.startswith(('boto', 'adapters.aws')) for n in sys.modules))"
    )

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
