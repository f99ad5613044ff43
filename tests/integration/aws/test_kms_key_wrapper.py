"""Keys in KMS, over a socket, against moto's server."""

from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from botocore.stub import Stubber

from adapters import from_settings
from adapters.aws import kms_key_wrapper
from adapters.aws.kms_key_wrapper import KmsKeyWrapper
from adapters.aws.services import kms
from adapters.aws.session import AwsLine, open_client
from adapters.randomness import SystemRandomness
from adapters.sealing import file_key_wrapper
from adapters.sealing.moved_key_wrapper import MovedKeyWrapper
from adapters.setting_checks import WrongSetting
from adapters.settings import Settings
from adapters.tickets.private_folder import PrivateFolder
from application.ports.key_wrapper import KeyWrapper, SealBroken
from tests.contracts.key_wrapper import DATA_KEY, NAME, KeyWrapperContract
from tests.support.aws import nowhere
from tests.support.strict_kms import StrictKms

ALIAS = "alias/relexbooking-test-kyc"


@pytest.fixture
def settings(aws: Settings) -> Settings:
    client = open_client(aws, "kms")
    client.create_alias(AliasName=ALIAS, TargetKeyId=client.create_key()["KeyMetadata"]["KeyId"])
    return evolve(aws, kyc_kms_key=ALIAS)


@pytest.fixture
def client(settings: Settings) -> Any:
    return open_client(settings, "kms")


def wrapper_of(settings: Settings) -> KmsKeyWrapper:
    return KmsKeyWrapper(AwsLine(StrictKms(open_client(settings, "kms"))), ALIAS)


class TestKmsKeyWrapper(KeyWrapperContract):
    @pytest.fixture(autouse=True)
    def _installation(self, settings: Settings) -> None:
        self.settings = settings

    def wrapper(self) -> KeyWrapper:
        return wrapper_of(self.settings)

    def elsewhere(self) -> KeyWrapper:
        return wrapper_of(self.settings)


class TestKeysThatMove(KeyWrapperContract):
    """Beside keys on this machine, those in KMS keep every promise."""

    @pytest.fixture(autouse=True)
    def _installation(self, settings: Settings, tmp_path: Path) -> None:
        self.settings, self.folder = settings, tmp_path / "identity-files"

    def wrapper(self) -> KeyWrapper:
        on_file = file_key_wrapper.build(PrivateFolder.open(self.folder), SystemRandomness())
        return MovedKeyWrapper(wrapper_of(self.settings), on_file, file_key_wrapper.ID_PREFIX)

    def elsewhere(self) -> KeyWrapper:
        return self.wrapper()


def _built(settings: Settings, folder: Path) -> KeyWrapper:
    here = evolve(settings, data_dir=folder)
    return from_settings.key_wrapper(here, from_settings.key_folders(here), SystemRandomness())


async def test_what_this_machine_wrapped_is_opened_after_the_move_and_wrapped_anew_by_kms(
    settings: Settings, tmp_path: Path
) -> None:
    before = _built(evolve(settings, kyc_kms_key=""), tmp_path)
    old = await before.wrap(NAME, DATA_KEY)

    after = _built(settings, tmp_path)

    assert await after.unwrap(NAME, old) == DATA_KEY
    new = await after.wrap(NAME, DATA_KEY)
    assert new.key_id == await after.current_key_id()
    assert new.key_id.startswith("arn:aws:kms:")
    with pytest.raises(SealBroken):
        await before.unwrap(NAME, new)


def test_an_installation_that_begins_with_kms_has_no_keys_on_this_machine(settings: Settings, tmp_path: Path) -> None:
    built = _built(settings, tmp_path)

    assert isinstance(built, KmsKeyWrapper)
    assert list(tmp_path.iterdir()) == []


async def test_kms_is_told_purpose_and_name_of_what_it_wraps(settings: Settings, client: Any) -> None:
    asked: dict[str, Any] = {}
    client.meta.events.register("provide-client-params.kms.Encrypt", lambda params, **_: asked.update(params))

    await KmsKeyWrapper(AwsLine(client), ALIAS).wrap(NAME, DATA_KEY)

    assert asked["EncryptionContext"] == {"purpose": "relexbooking-identity-document", "name": NAME}


async def test_without_that_context_a_key_could_be_opened_under_another_name(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control."""
    monkeypatch.setattr(kms_key_wrapper, "_context", lambda _name: {})
    wrapper = wrapper_of(settings)

    sealed = await wrapper.wrap(NAME, DATA_KEY)

    assert await wrapper.unwrap("another", sealed) == DATA_KEY


async def test_a_retired_key_waits_for_its_deletion_and_is_found_no_more(settings: Settings, client: Any) -> None:
    wrapper = wrapper_of(settings)
    first = await wrapper.current_key_id()
    await wrapper.rotate()
    await wrapper.rotate()

    assert first in await wrapper.retire()
    assert await wrapper.retire() == ()
    assert client.describe_key(KeyId=first)["KeyMetadata"]["KeyState"] == "PendingDeletion"


async def test_retiring_goes_on_after_a_crash(settings: Settings, client: Any) -> None:
    wrapper = wrapper_of(settings)
    first = await wrapper.current_key_id()
    await wrapper.rotate()
    client.schedule_key_deletion(KeyId=first.rpartition("/")[2], PendingWindowInDays=7)

    assert await wrapper.retire() == (first,)


async def test_keys_of_other_aliases_are_left_alone(settings: Settings, client: Any) -> None:
    other = client.create_key()["KeyMetadata"]["KeyId"]
    client.create_alias(AliasName=f"{ALIAS}-of-others", TargetKeyId=other)
    wrapper = wrapper_of(settings)
    await wrapper.rotate()

    await wrapper.retire()

    assert client.describe_key(KeyId=other)["KeyMetadata"]["KeyState"] == "Enabled"


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("ThrottlingException", 400, TimeoutError),
        ("KMSInternalException", 500, TimeoutError),
        ("AccessDeniedException", 400, PermissionError),
        ("DisabledException", 400, PermissionError),
        ("InvalidCiphertextException", 400, SealBroken),
    ],
)
async def test_only_a_clear_no_is_a_broken_seal(
    settings: Settings, code: str, status: int, error: type[Exception]
) -> None:
    client = open_client(settings, "kms", tries=1)
    sealed = await wrapper_of(settings).wrap(NAME, DATA_KEY)
    with Stubber(client) as stub:
        stub.add_client_error("decrypt", code, "Credential=AKIA/secret", status)
        with pytest.raises(error, match=f"AWS says {code}") as raised:
            await KmsKeyWrapper(AwsLine(client), ALIAS).unwrap(NAME, sealed)

    assert "AKIA" not in str(raised.value)


async def test_a_kms_that_does_not_answer_is_no_broken_seal(settings: Settings) -> None:
    sealed = await wrapper_of(settings).wrap(NAME, DATA_KEY)
    lost = KmsKeyWrapper(AwsLine(open_client(nowhere(settings), "kms", tries=1)), ALIAS)

    with pytest.raises(TimeoutError):
        await lost.unwrap(NAME, sealed)


def test_an_alias_that_is_not_there_stops_the_start(settings: Settings) -> None:
    with pytest.raises(WrongSetting, match="RELEX_KYC_KMS_KEY=alias/none: AWS says NotFoundException: see that it is"):
        kms(evolve(settings, kyc_kms_key="alias/none"))


@pytest.mark.parametrize("key", ["relexbooking", "alias/aws/s3", "arn:aws:kms:eu-central-1:1:key/2", "alias/"])
def test_only_an_alias_of_ours_can_be_rotated_and_so_only_that_is_taken(key: str) -> None:
    with pytest.raises(WrongSetting, match="write the alias of a key"):
        Settings(kyc_kms_key=key)
