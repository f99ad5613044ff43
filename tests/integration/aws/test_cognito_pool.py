"""The user pool is made as described, put right if somebody changed it, and looked at before anybody signs in."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from adapters.aws.bringing_about import bring_about, differing
from adapters.aws.cognito_opening import open_keeper
from adapters.aws.cognito_pool import GROUPS, UserPool
from adapters.aws.session import open_client
from adapters.cli.operations import Verdict
from adapters.clock import SystemClock
from adapters.diagnosis import parts
from adapters.setting_checks import WrongSetting
from adapters.settings import Settings
from tests.support.aws import nowhere
from tests.support.cognito import Cognito
from wiring.container import build

POOL = UserPool.of("prod")


@pytest.fixture
def client(aws: Settings) -> Any:
    return open_client(aws, "cognito-idp")


def test_a_pool_is_made_once_with_its_client_and_the_groups_in_their_order(client: Any) -> None:
    first = bring_about(POOL.aspects(client))

    assert first[0] == "user pool relexbooking-prod"
    assert bring_about(POOL.aspects(client)) == ()
    assert len(client.list_user_pools(MaxResults=10)["UserPools"]) == 1
    ids = POOL.ids(client)
    assert ids is not None
    groups = client.list_groups(UserPoolId=ids.pool_id)["Groups"]
    ranked = sorted((group["Precedence"], group["GroupName"]) for group in groups)
    assert ranked == [(1, "SuperAdmin"), (2, "Admin"), (3, "Organizer"), (4, "User")]


def test_what_somebody_changed_is_named_and_put_right(client: Any) -> None:
    bring_about(POOL.aspects(client))
    ids = POOL.ids(client)
    assert ids is not None
    client.update_group(UserPoolId=ids.pool_id, GroupName="Admin", Precedence=1)
    client.delete_group(UserPoolId=ids.pool_id, GroupName="User")
    client.update_user_pool_client(
        UserPoolId=ids.pool_id, ClientId=ids.client_id, ExplicitAuthFlows=["ALLOW_CUSTOM_AUTH"]
    )

    named = [aspect.name.rpartition(": ")[2] for aspect in differing(POOL.aspects(client))]
    assert named == ["client relexbooking-prod-server", "group Admin", "group User"]
    bring_about(POOL.aspects(client))

    assert differing(POOL.aspects(client)) == ()
    assert POOL.ids(client) == ids


def test_there_are_no_ids_of_what_is_not_there(client: Any) -> None:
    assert POOL.ids(client) is None


def test_looking_at_a_pool_that_is_not_there_changes_nothing(client: Any) -> None:
    assert len(differing(POOL.aspects(client))) == 5 + len(GROUPS)
    assert client.list_user_pools(MaxResults=10)["UserPools"] == []


def opened(settings: Settings) -> str:
    with pytest.raises(WrongSetting) as refused:
        open_keeper(settings, SystemClock())
    return str(refused.value)


@pytest.mark.parametrize("name", ["cognito_pool_id", "cognito_client_id"])
def test_a_setting_that_is_missing_is_named_with_the_mend(cognito: Cognito, name: str) -> None:
    nothing: dict[str, Any] = {name: ""}
    said = opened(evolve(cognito.settings, **nothing))

    assert f"RELEX_{name.upper()}" in said
    assert "RELEX_IDENTITY=builtin" in said


def test_a_pool_that_is_not_there_is_named(cognito: Cognito) -> None:
    said = opened(evolve(cognito.settings, cognito_pool_id="eu-central-1_nothing"))

    assert "RELEX_COGNITO_POOL_ID=eu-central-1_nothing" in said


def test_a_client_that_is_not_there_is_named(cognito: Cognito) -> None:
    assert "RELEX_COGNITO_CLIENT_ID=nobody" in opened(evolve(cognito.settings, cognito_client_id="nobody"))


def test_a_wrong_secret_is_seen_and_not_shown(cognito: Cognito) -> None:
    said = opened(evolve(cognito.settings, cognito_client_secret="mistyped"))

    assert "RELEX_COGNITO_CLIENT_SECRET" in said
    assert "mistyped" not in said
    assert cognito.ids.client_secret not in said


def test_a_pool_where_people_sign_in_by_a_name_is_refused(cognito: Cognito) -> None:
    pool_id = cognito.client.create_user_pool(PoolName="by name")["UserPool"]["Id"]

    assert "e-mail address" in opened(evolve(cognito.settings, cognito_pool_id=pool_id))


def test_a_client_that_may_not_bring_passwords_is_refused(cognito: Cognito) -> None:
    app = cognito.client.create_user_pool_client(
        UserPoolId=cognito.ids.pool_id, ClientName="other", ExplicitAuthFlows=["ALLOW_CUSTOM_AUTH"]
    )["UserPoolClient"]
    settings = evolve(cognito.settings, cognito_client_id=app["ClientId"], cognito_client_secret="")

    assert "ALLOW_ADMIN_USER_PASSWORD_AUTH" in opened(settings)


def test_cognito_that_does_not_answer_stops_the_start(cognito: Cognito, tmp_path: Path) -> None:
    settings = evolve(nowhere(cognito.settings), data_dir=tmp_path, store="memory")

    with pytest.raises(WrongSetting, match=r"RELEX_COGNITO_POOL_ID.*RELEX_AWS_ENDPOINT_URL"):
        build(settings)


async def test_doctor_looks_at_the_pool(cognito: Cognito) -> None:
    good = await parts.identity(cognito.settings)
    bad = await parts.identity(nowhere(cognito.settings))
    builtin = await parts.identity(Settings())

    assert (good.verdict, bad.verdict, builtin.verdict) == (Verdict.OK, Verdict.WRONG, Verdict.OK)
    assert "RELEX_COGNITO_POOL_ID" in bad.said


def test_who_keeps_passwords_here_loads_nothing_of_aws() -> None:
    look = (
        "import sys; from adapters.settings import Settings; from wiring.container import Container; "
        "Container(settings=Settings(store='memory')).keeper(); "
        "sys.exit(bool({'boto3', 'joserfc'} & set(sys.modules)))"
    )

    assert subprocess.run([sys.executable, "-c", look], check=False).returncode == 0
