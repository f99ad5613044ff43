"""The published vectors hold, and two programs that share no code agree on them."""

import importlib.util
import json
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from adapters.tickets import sealer
from adapters.tickets.door import verify_door_part
from adapters.tickets.key_source import TicketKeys
from application.ports.ticket_codes import KeyState
from domain.ids import AccountId, BookingId, EventId, TicketId
from domain.ticket_code import CodeKind, CodeRefused, TicketCode
from tests.build_tickets import FixedKeys
from tests.support.seeded_randomness import SeededRandomness

FOLDER = Path(__file__).parents[2] / "vectors"
VECTORS: dict[str, Any] = json.loads((FOLDER / "ticket_tokens.json").read_text())
EVENT = EventId(VECTORS["event_id"])
GOOD: list[dict[str, Any]] = VECTORS["good"]
BAD: list[dict[str, Any]] = VECTORS["bad"]


def names(vectors: list[dict[str, Any]]) -> list[str]:
    return [vector["name"] for vector in vectors]


def published_keys(signing_key_id: int = 1, sealing_key_id: int = 1) -> TicketKeys:
    sign, seal = VECTORS["keys"]["sign"], VECTORS["keys"]["seal"]
    secrets = {key["id"]: bytes.fromhex(key["secret"]) for key in sign}
    return TicketKeys(
        signing_key_id=signing_key_id,
        signing_key=Ed25519PrivateKey.from_private_bytes(secrets[signing_key_id]),
        public_keys={
            key["id"]: Ed25519PublicKey.from_public_bytes(bytes.fromhex(key["public"]))
            for key in sign
            if key["state"] != KeyState.REVOKED
        },
        sealing_key_id=sealing_key_id,
        sealing_roots={key["id"]: bytes.fromhex(key["secret"]) for key in seal if key["state"] != KeyState.REVOKED},
    )


def code_of(vector: dict[str, Any]) -> TicketCode:
    code = vector["code"]
    kind = CodeKind(code["kind"])
    return TicketCode(
        kind=kind,
        event_id=EventId(code["event_id"]),
        subject=TicketId(code["subject"]) if kind is CodeKind.TICKET else BookingId(code["subject"]),
        admits=code["admits"],
        generation=code["generation"],
        valid_from=datetime.fromisoformat(code["valid_from"]),
        valid_until=datetime.fromisoformat(code["valid_until"]),
        booking_id=BookingId(code["booking_id"]),
        account_id=AccountId(code["account_id"]),
    )


class OneNonce(SeededRandomness):
    def __init__(self, nonce: bytes) -> None:
        super().__init__()
        self.nonce = nonce

    def token_bytes(self, count: int) -> bytes:
        assert count == len(self.nonce)
        return self.nonce


def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_ticket_tokens", FOLDER / "make_ticket_tokens.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("vector", GOOD, ids=names(GOOD))
def test_a_good_token_opens(vector: dict[str, Any]) -> None:
    opens = sealer.build(FixedKeys(published_keys()), SeededRandomness())

    assert opens.open(vector["token"], EVENT) == code_of(vector)


@pytest.mark.parametrize("vector", GOOD, ids=names(GOOD))
def test_sealing_a_good_code_gives_the_published_token(vector: dict[str, Any]) -> None:
    parts = vector["parts"]
    keys = published_keys(int(parts["signing_key_id"], 16), int(parts["sealing_key_id"], 16))
    seals = sealer.build(FixedKeys(keys), OneNonce(bytes.fromhex(parts["nonce"])))

    assert seals.seal(code_of(vector)) == vector["token"]


@pytest.mark.parametrize("vector", BAD, ids=names(BAD))
def test_a_bad_token_is_refused_for_the_published_reason(vector: dict[str, Any]) -> None:
    opens = sealer.build(FixedKeys(published_keys()), SeededRandomness())

    with pytest.raises(CodeRefused) as refused:
        opens.open(vector["token"], EVENT)

    assert refused.value.code == vector["error"]


@pytest.mark.parametrize("vector", BAD, ids=names(BAD))
def test_a_door_refuses_what_public_keys_can_tell(vector: dict[str, Any]) -> None:
    keys = published_keys()
    try:
        verify_door_part(vector["token"], EVENT, keys.public_keys, keys.sealing_roots)
    except CodeRefused as refused:
        error: str | None = refused.code
    else:
        error = None

    assert error == vector["door_error"]


def test_the_vectors_cover_what_they_must() -> None:
    assert len(GOOD) == len(set(names(GOOD))) == 5
    assert len(BAD) == len(set(names(BAD))) > 70
    assert len({vector["token"] for vector in BAD}) == len(BAD)
    assert {vector["error"] for vector in BAD} == {error.code for error in CodeRefused.__subclasses__()}
    for field in GOOD[0]["parts"]:
        assert f"{field} changed" in names(BAD)


def test_the_published_file_is_what_its_script_writes() -> None:
    assert maker().text() == (FOLDER / "ticket_tokens.json").read_text()
