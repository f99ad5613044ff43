"""Our own keys in the Parameter Store: many machines, one set of keys, and none that was destroyed."""

import asyncio
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from botocore.awsrequest import AWSResponse
from botocore.exceptions import EndpointConnectionError

from adapters.aws import key_parameters
from adapters.aws.key_parameters import LOOK_AGAIN_S, KeyParameters
from adapters.aws.parameter_folder import ParameterFolder
from adapters.aws.parameters import keys_of
from adapters.aws.services import keys as keys_at_aws
from adapters.aws.session import open_client
from adapters.diagnosis.key_folders import KEY_FOLDERS
from adapters.diagnosis.key_folders import keys as look_at_keys
from adapters.randomness import SystemRandomness
from adapters.sealing import file_vault
from adapters.sealing.file_keyring import FileKeyring
from adapters.secret_folder import SecretFolder, SecretsUnusable
from adapters.setting_checks import WrongSetting
from adapters.settings import Settings, load_settings
from adapters.tickets import file_key_ring, sealer
from adapters.tickets.key_ring import StoredKeyRing
from adapters.tickets.private_folder import PrivateFolder
from application.ports.ticket_codes import KeyPurpose
from domain.ticket_code import CodeKeyRevoked
from tests.build_tickets import AT, EVENT, LATER, ticket_code
from tests.contracts.secret_folder import NAME, SecretFolderContract, put
from tests.contracts.test_key_ring import KeyRingContract
from tests.support.aws import nowhere
from tests.support.polling import until
from tests.support.seeded_randomness import SeededRandomness
from wiring.container import Container

PATH = keys_of("dev")


@pytest.fixture
def settings(aws: Settings, tmp_path: Path) -> Settings:
    return evolve(aws, keys="ssm", data_dir=tmp_path / "var", store="memory")


@pytest.fixture
def client(settings: Settings) -> Iterator[Any]:
    client = open_client(settings, "ssm")
    yield client
    client.close()


class Watch:
    """A clock that is wound by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def machine(client: Any, watch: Watch) -> Callable[[], ParameterFolder]:
    return lambda: opened(client, watch)


def opened(client: Any, now: Callable[[], float] = time.monotonic) -> ParameterFolder:
    """The folder of the tickets' keys, as a machine opens it that has nothing of its own."""
    return ParameterFolder(KeyParameters(client, client, PATH, now), "tickets")


def names(client: Any) -> list[str]:
    pages = client.get_paginator("get_parameters_by_path").paginate(Path=PATH, Recursive=True)
    return sorted(one["Name"].removeprefix(PATH) for page in pages for one in page["Parameters"])


class TestParameterFolder(SecretFolderContract):
    @pytest.fixture
    def machine(self, client: Any) -> Callable[[], SecretFolder]:
        return lambda: opened(client)


class TestKeyRingInTheParameterStore(KeyRingContract):
    adapter = "file_key_ring"

    @pytest.fixture
    def ring(self, machine: Callable[[], SecretFolder]) -> StoredKeyRing:
        return file_key_ring.build(machine(), SeededRandomness(), AT)


def test_machines_that_start_together_have_one_ring(machine: Callable[[], SecretFolder], client: Any) -> None:
    with ThreadPoolExecutor(4) as pool:
        rings = list(pool.map(lambda seed: file_key_ring.build(machine(), SeededRandomness(seed), AT), range(1, 5)))

    assert len({ring.keys().sealing_roots[1] for ring in rings}) == 1
    assert names(client) == ["tickets/once-filled/000001", "tickets/ring.json/000001"]


def test_a_ticket_that_one_machine_made_a_moment_ago_opens_at_another(
    machine: Callable[[], SecretFolder], watch: Watch
) -> None:
    here = file_key_ring.build(machine(), SeededRandomness(1), AT)
    there = file_key_ring.build(machine(), SeededRandomness(2), AT)
    here.rotate(KeyPurpose.SIGN, LATER)
    here.rotate(KeyPurpose.SEAL, LATER)

    token = sealer.build(here, SeededRandomness()).seal(ticket_code())

    assert there.keys().signing_key_id == 1, "nobody told it"
    assert sealer.build(there, SeededRandomness()).open(token, EVENT) == ticket_code()


def test_who_forges_key_numbers_makes_nobody_look_all_the_time(
    machine: Callable[[], SecretFolder], watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring, others = (file_key_ring.build(machine(), SeededRandomness(seed), AT) for seed in (1, 2))
    others.rotate(KeyPurpose.SIGN, LATER)
    others.rotate(KeyPurpose.SIGN, LATER)
    token = sealer.build(others, SeededRandomness()).seal(ticket_code())
    others.revoke(KeyPurpose.SIGN, 3, LATER)
    looks: list[KeyParameters] = []
    look = KeyParameters.look

    def noting(every: KeyParameters, client: Any = None) -> None:
        looks.append(every)
        look(every, client)

    monkeypatch.setattr(KeyParameters, "look", noting)

    for _ in range(5):
        with pytest.raises(CodeKeyRevoked):
            sealer.build(ring, SeededRandomness()).open(token, EVENT)
    assert len(looks) == 1
    watch.now += key_parameters.MISSED_AGAIN_S
    with pytest.raises(CodeKeyRevoked):
        sealer.build(ring, SeededRandomness()).open(token, EVENT)
    assert len(looks) == 2


async def test_a_key_that_was_withdrawn_elsewhere_is_withdrawn_here_within_the_minute(
    machine: Callable[[], SecretFolder], watch: Watch
) -> None:
    here, there = (file_key_ring.build(machine(), SeededRandomness(seed), AT) for seed in (1, 2))
    token = sealer.build(here, SeededRandomness()).seal(ticket_code())
    there.revoke(KeyPurpose.SIGN, 1, LATER)
    assert 1 in here.keys().public_keys

    watch.now += LOOK_AGAIN_S + 1

    await until(lambda: 1 not in here.keys().public_keys)
    with pytest.raises(CodeKeyRevoked):
        sealer.build(here, SeededRandomness()).open(token, EVENT)


async def test_doors_go_on_while_the_parameter_store_does_not_answer(
    settings: Settings, client: Any, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    file_key_ring.build(opened(client), SeededRandomness(), AT)
    mine = open_client(settings, "ssm", tries=1)
    ring = file_key_ring.build(opened(mine, watch), SeededRandomness(), AT)
    token = sealer.build(ring, SeededRandomness()).seal(ticket_code())
    mine.meta.events.register("before-send.ssm", _refused)

    watch.now += LOOK_AGAIN_S + 1
    with caplog.at_level(logging.WARNING):
        assert sealer.build(ring, SeededRandomness()).open(token, EVENT) == ticket_code()
        await until(lambda: "could not look for new keys" in caplog.text)
    assert sealer.build(ring, SeededRandomness()).open(token, EVENT) == ticket_code()
    with pytest.raises(SecretsUnusable, match="RELEX_KEYS=ssm"):
        ring.rotate(KeyPurpose.SIGN, LATER)


async def test_a_parameter_store_that_hangs_holds_nobody_up_for_long(
    settings: Settings, client: Any, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_parameters, "MISSED_WAIT_S", 0.05)
    others = file_key_ring.build(opened(client), SeededRandomness(), AT)
    mine = open_client(settings, "ssm")
    ring = file_key_ring.build(opened(mine, watch), SeededRandomness(), AT)
    others.rotate(KeyPurpose.SIGN, LATER)
    token = sealer.build(others, SeededRandomness()).seal(ticket_code())
    answers = threading.Event()
    mine.meta.events.register("before-send.ssm", lambda **_: answers.wait(20) and None)

    with pytest.raises(CodeKeyRevoked):
        sealer.build(ring, SeededRandomness()).open(token, EVENT)

    answers.set()
    await until(lambda: ring.keys().signing_key_id == 2)
    assert sealer.build(ring, SeededRandomness()).open(token, EVENT) == ticket_code()


def _refused(**_: Any) -> None:
    raise EndpointConnectionError(endpoint_url="ssm")


def test_a_key_that_was_destroyed_is_nowhere(machine: Callable[[], SecretFolder], client: Any) -> None:
    folder = machine()
    keyring = FileKeyring.open(folder, SystemRandomness(), is_precious=True)
    keyring.add()
    first = folder.read("keys.json")[1].split(b'"1": "')[1].split(b'"')[0].decode()

    assert keyring.keep_newest() == (1,)

    assert names(client) == ["tickets/keys.json/000003", "tickets/once-filled/000001"]
    left = client.get_parameter_history(Name=f"{PATH}tickets/keys.json/000003", WithDecryption=True)["Parameters"]
    assert left
    assert all(first not in one["Value"] for one in left)


def _while_others_change_it_twice(folder: ParameterFolder, others: ParameterFolder) -> list[bytes | None]:
    """Change what was read before two others' changes, whose first number is free again by then."""
    seen: list[bytes | None] = []

    def ours(text: bytes | None) -> bytes:
        seen.append(text)
        if len(seen) == 1:
            put(others, b"theirs 1")
            put(others, b"theirs 2")
        return (text or b"") + b", ours"

    put(folder, b"start")
    folder.change(NAME, ours)
    return seen


def test_a_number_that_is_free_again_loses_no_change(machine: Callable[[], ParameterFolder]) -> None:
    seen = _while_others_change_it_twice(machine(), machine())

    assert seen == [b"start", b"theirs 2"]
    assert machine().read(NAME)[1] == b"theirs 2, ours"


def test_without_its_line_a_version_would_be_taken_for_the_newest(
    machine: Callable[[], ParameterFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control."""
    monkeypatch.setattr("secrets.token_hex", lambda _: "same")

    _while_others_change_it_twice(machine(), machine())

    assert machine().read(NAME)[1] == b"theirs 2"


def test_a_write_whose_answer_was_lost_is_not_done_twice(settings: Settings) -> None:
    client = open_client(settings, "ssm")
    folder = opened(client)
    put(folder, b"a")
    client.meta.events.register("needs-retry.ssm.PutParameter", _once_more())
    folder.change(NAME, lambda text: (text or b"") + b"b")

    assert folder.read(NAME)[1] == b"ab"


def _once_more() -> Callable[..., int | None]:
    """Send it again, though it was done."""
    sent: list[int] = []

    def again(**_: Any) -> int | None:
        sent.append(1)
        return 0 if len(sent) == 1 else None

    return again


def test_what_lies_there_in_clear_is_not_used(machine: Callable[[], SecretFolder], client: Any) -> None:
    client.put_parameter(Name=f"{PATH}tickets/ring.json/000001", Value="a\n{}", Type="String")

    with pytest.raises(SecretsUnusable, match=r"ring\.json/000001 is no key that we wrote: delete it"):
        machine()


def test_more_than_a_parameter_holds_is_refused_before_it_is_sent(machine: Callable[[], SecretFolder]) -> None:
    with pytest.raises(SecretsUnusable, match="more than the 8192 characters"):
        put(machine(), os.urandom(9_000))


def test_eighty_rotations_have_room(machine: Callable[[], SecretFolder]) -> None:
    ring = file_key_ring.build(machine(), SeededRandomness(), AT)

    for _ in range(40):
        ring.rotate(KeyPurpose.SIGN, LATER)
        ring.rotate(KeyPurpose.SEAL, LATER)

    assert len(ring.list()) == 82


def test_an_installation_that_moves_takes_its_keys_along(settings: Settings, client: Any) -> None:
    here = evolve(settings, keys="folder")
    before = Container(settings=here)
    token = before.sealer().seal(ticket_code())
    sealed = before.vault().seal("ntc_1", b"words")

    after = Container(settings=settings)

    assert after.sealer().open(token, EVENT) == ticket_code()
    assert after.vault().open("ntc_1", sealed) == b"words"
    elsewhere = Container(settings=evolve(settings, data_dir=settings.data_dir / "other"))
    assert elsewhere.sealer().open(token, EVENT) == ticket_code()
    assert "tickets/ring.json/000001" in names(client)


def test_two_machines_share_every_key_and_keep_none_of_them(settings: Settings, tmp_path: Path, client: Any) -> None:
    one, two = (Container(settings=evolve(settings, data_dir=tmp_path / name)) for name in ("one", "two"))

    token = one.sealer().seal(ticket_code())
    app_secret = one.factor_vault().seal("acc_1", b"words")
    data_key = asyncio.run(one.key_wrapper().wrap("doc_1", bytes(32)))
    one.audit_ring()

    assert two.sealer().open(token, EVENT) == ticket_code()
    assert two.factor_vault().open("acc_1", app_secret) == b"words"
    assert asyncio.run(two.key_wrapper().unwrap("doc_1", data_key)) == bytes(32)
    assert one.hashes().of("number", "J1") == two.hashes().of("number", "J1")
    assert not [path for path in tmp_path.rglob("*") if "keys" in path.name or path.suffix == ".json"]
    folders = {name.partition("/")[0] for name in names(client)}
    assert folders == {"tickets", "factor-keys", "identity-files", "identity-hashes", "audit-keys"}


def test_keys_are_no_settings(settings: Settings, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    Container(settings=settings).sealer()
    client.put_parameter(Name="/relexbooking/dev/smtp_host", Value="mail", Type="String")
    for name, value in (("SSM_ENV", "dev"), ("AWS_REGION", settings.aws_region)):
        monkeypatch.setenv(f"RELEX_{name}", value)
    monkeypatch.setenv("RELEX_AWS_ENDPOINT_URL", settings.aws_endpoint_url)

    assert load_settings().smtp_host == "mail"


def test_doctor_looks_and_makes_none(settings: Settings, client: Any) -> None:
    assert {finding.verdict.value for finding in look_at_keys(settings)} == {"note"}
    assert names(client) == []

    container = Container(settings=settings)
    for part in (container.vault, container.factor_vault, container.audit_ring, container.key_ring):
        part()
    container.key_wrapper(), container.hashes()

    findings = list(look_at_keys(settings))
    assert {finding.verdict.value for finding in findings} == {"ok"}
    assert len(findings) == len(KEY_FOLDERS) + 1


def test_a_parameter_store_that_cannot_be_reached_stops_the_start(settings: Settings) -> None:
    with pytest.raises(WrongSetting, match="RELEX_KEYS=ssm: AWS says EndpointConnectionError"):
        keys_at_aws(nowhere(settings))

    [finding] = look_at_keys(nowhere(settings))
    assert "RELEX_KEYS=ssm" in finding.said


def test_no_key_is_told(settings: Settings, machine: Callable[[], ParameterFolder], caplog: Any) -> None:
    caplog.set_level(logging.DEBUG, logger="adapters")
    folder = machine()
    vault = file_vault.build(folder, SystemRandomness())
    vault.rotate()
    secret = folder.read("keys.json")[1].decode().split('"1": "')[1].split('"')[0]

    assert secret not in caplog.text
    assert secret not in f"{folder!r} {folder._all!r} {vault!r}"


def test_the_folder_here_is_only_read(settings: Settings) -> None:
    local = PrivateFolder.open(settings.data_dir / "keys")
    file_key_ring.build(local, SeededRandomness(), AT)
    before = local.read("ring.json")

    Container(settings=settings).key_ring().rotate(KeyPurpose.SIGN, LATER)

    assert local.read("ring.json") == before


def test_moving_with_kms_keeps_what_this_machine_wrapped(settings: Settings) -> None:
    here = evolve(settings, keys="folder")
    wrapped = asyncio.run(Container(settings=here).key_wrapper().wrap("doc_1", bytes(32)))
    kms = open_client(settings, "kms")
    kms.create_alias(AliasName="alias/kyc", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])

    moved = Container(settings=evolve(settings, kyc_kms_key="alias/kyc")).key_wrapper()

    assert asyncio.run(moved.unwrap("doc_1", wrapped)) == bytes(32)


def test_a_machine_with_other_keys_does_not_start(settings: Settings, tmp_path: Path) -> None:
    Container(settings=evolve(settings, data_dir=tmp_path / "new")).key_ring()
    file_key_ring.build(PrivateFolder.open(settings.data_dir / "keys"), SeededRandomness(), AT)

    with pytest.raises(SecretsUnusable, match="are keys of different installations"):
        Container(settings=settings).key_ring()
    assert "different installations" in next(iter(look_at_keys(settings))).said


def test_a_folder_that_was_taken_over_may_stay(settings: Settings) -> None:
    file_key_ring.build(PrivateFolder.open(settings.data_dir / "keys"), SeededRandomness(), AT)
    ring = Container(settings=settings).key_ring()
    ring.rotate(KeyPurpose.SIGN, LATER)
    ring.rotate(KeyPurpose.SEAL, LATER)
    ring.revoke(KeyPurpose.SEAL, 1, LATER)

    assert len(Container(settings=settings).key_ring().list()) == 4


def test_a_key_that_was_lost_there_is_not_brought_back_quietly(settings: Settings, client: Any) -> None:
    file_key_ring.build(PrivateFolder.open(settings.data_dir / "keys"), SeededRandomness(), AT)
    Container(settings=settings).key_ring()
    client.delete_parameters(Names=[f"{PATH}tickets/ring.json/000001"])

    with pytest.raises(SecretsUnusable, match="is gone, and with it every ticket"):
        Container(settings=settings).key_ring()


def test_what_a_writer_left_that_broke_off_goes_with_the_next_try(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ring = file_key_ring.build(opened(client), SeededRandomness(), AT)
    delete = KeyParameters._delete

    def fail(*_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="ssm")

    monkeypatch.setattr(KeyParameters, "_delete", fail)
    with pytest.raises(SecretsUnusable):
        ring.revoke(KeyPurpose.SEAL, 1, LATER)
    assert "tickets/ring.json/000001" in names(client)
    monkeypatch.setattr(KeyParameters, "_delete", delete)

    ring.revoke(KeyPurpose.SEAL, 1, LATER)

    assert names(client) == ["tickets/once-filled/000001", "tickets/ring.json/000002"]


def test_who_was_idle_for_long_looks_before_it_is_used(client: Any, watch: Watch) -> None:
    here = file_key_ring.build(opened(client, watch), SeededRandomness(1), AT)
    token = sealer.build(here, SeededRandomness()).seal(ticket_code())
    file_key_ring.build(opened(client), SeededRandomness(2), AT).revoke(KeyPurpose.SIGN, 1, LATER)

    watch.now += 3600

    with pytest.raises(CodeKeyRevoked):
        sealer.build(here, SeededRandomness()).open(token, EVENT)


def test_writes_that_meet_are_tried_again(settings: Settings, client: Any) -> None:
    writer = open_client(settings, "ssm")
    met: list[int] = []

    def meet(**_: Any) -> Any:
        if met:
            return None
        met.append(1)
        answer = AWSResponse("ssm", 400, {}, None)
        answer._content = b'{"__type": "TooManyUpdates"}'
        return answer

    writer.meta.events.register("before-send.ssm.PutParameter", meet)
    folder = ParameterFolder(KeyParameters(client, writer, PATH), "tickets")

    put(folder, b"a")

    assert met
    assert folder.read(NAME)[1] == b"a"


def test_an_older_answer_does_not_take_back_a_newer_one(client: Any) -> None:
    every = KeyParameters(client, client, PATH)
    put(ParameterFolder(every, "tickets"), b"a")
    old = every._known["tickets/ring.json"]
    put(ParameterFolder(every, "tickets"), b"b")

    every._note("tickets/ring.json", old)

    assert ParameterFolder(every, "tickets").read(NAME)[1] == b"b"


def test_a_number_that_was_given_back_is_given_back(client: Any) -> None:
    _while_others_change_it_twice(opened(client), opened(client))

    assert names(client) == ["tickets/ring.json/000004"]


def test_two_that_change_one_after_the_other_both_know_that_it_was_done(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the descent line the first would do it again."""
    folder, others = opened(client), opened(client)
    put(folder, b"a")
    written = KeyParameters._written
    met: list[int] = []

    def then_others(every: KeyParameters, name: str, version: Any) -> bool:
        answer = written(every, name, version)
        if not met:
            met.append(1)
            others.change(NAME, lambda text: (text or b"") + b"theirs ")
        return answer

    monkeypatch.setattr(KeyParameters, "_written", then_others)
    folder.change(NAME, lambda text: (text or b"") + b"ours ")

    assert opened(client).read(NAME)[1] == b"aours theirs "


def test_what_began_anew_is_seen_by_who_had_the_old(client: Any) -> None:
    folder = opened(client)
    put(folder, b"a")
    client.delete_parameters(Names=[f"{PATH}tickets/ring.json/000001"])
    put(opened(client), b"anew")

    assert folder.look_again()
    assert folder.read(NAME)[1] == b"anew"


def test_the_start_that_broke_off_is_completed(client: Any) -> None:
    file_key_ring.build(opened(client), SeededRandomness(), AT)
    client.delete_parameters(Names=[f"{PATH}tickets/once-filled/000001"])

    file_key_ring.build(opened(client), SeededRandomness(), AT)

    assert "tickets/once-filled/000001" in names(client)


def test_without_a_thread_it_goes_on_and_looks_another_time(
    client: Any, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = KeyParameters(client, client, PATH, watch)
    folder = ParameterFolder(every, "tickets")
    put(folder, b"a")
    put(opened(client), b"b")

    def none_left(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", none_left)
        watch.now += LOOK_AGAIN_S + 1
        assert folder.read(NAME)[1] == b"a"

    assert folder.look_again()
    assert folder.read(NAME)[1] == b"b"


def test_who_misses_a_key_does_not_trust_a_look_that_began_before(
    client: Any, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = KeyParameters(client, client, PATH, watch)
    folder = ParameterFolder(every, "tickets")
    put(folder, b"a")
    goes_on = threading.Event()
    look = KeyParameters.look
    begun: list[int] = []

    def slowly(them: KeyParameters, by: Any = None) -> None:
        begun.append(1)
        if len(begun) == 1:
            goes_on.wait(20)  # It has read all there was, and tells nothing new.
            return
        look(them, by)

    monkeypatch.setattr(KeyParameters, "look", slowly)
    every._begin_to_look()
    threading.Timer(0.05, goes_on.set).start()
    client.put_parameter(
        Name=f"{PATH}tickets/ring.json/000002",
        Value=key_parameters.Version(2, ("other",), b"b").value,
        Type="SecureString",
    )

    assert folder.look_again()
    assert folder.read(NAME)[1] == b"b"


def test_a_start_and_a_change_look_by_the_patient_client(settings: Settings, client: Any) -> None:
    impatient = open_client(settings, "ssm", tries=1)
    impatient.meta.events.register("before-send.ssm", _refused)

    folder = ParameterFolder(KeyParameters(impatient, client, PATH), "tickets")
    put(folder, b"a")

    assert folder.read(NAME)[1] == b"a"
