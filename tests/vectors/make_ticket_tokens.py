"""Writes ticket_tokens.json: `python tests/vectors/make_ticket_tokens.py`.

It shares no code with the sealer. It follows docs/ticket-token.md with the standard library and bare primitives,
so that a mistake in one of the two shows as a difference between them.
"""

import hmac
import json
import struct
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CTR

FILE: Final = Path(__file__).with_name("ticket_tokens.json")
BASE45: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
CROCKFORD: Final = "0123456789abcdefghjkmnpqrstvwxyz"
ED25519_ORDER: Final = 2**252 + 27742317777372353535851937790883648493
STATES: Final = {1: "active", 2: "verify_only", 3: "revoked"}
FIELDS: Final = {  # name: (offset, length)
    "version": (0, 1),
    "flags": (1, 1),
    "signing_key_id": (2, 1),
    "sealing_key_id": (3, 1),
    "event_tag": (4, 8),
    "subject": (12, 16),
    "admits": (28, 1),
    "generation": (29, 1),
    "valid_from": (30, 4),
    "valid_until": (34, 4),
    "nonce": (38, 12),
    "ciphertext": (50, 32),
    "seal_tag": (82, 16),
    "signature": (98, 64),
}

Vector = dict[str, Any]


def numbered(word: str) -> bytes:
    """Fixed bytes that look random."""
    return sha256(f"relexbooking vector {word}".encode()).digest()


def identifier(prefix: str, raw: bytes) -> str:
    number = int.from_bytes(raw, "big")
    return prefix + "_" + "".join(CROCKFORD[number >> 5 * place & 31] for place in range(25, -1, -1))


def signing_key(key_id: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(numbered(f"signing key {key_id}"))


EVENT: Final = numbered("event")[:16]
OTHER_EVENT: Final = numbered("other event")[:16]
TWIN_EVENT: Final = EVENT[:8] + numbered("twin event")[:8]
TICKET: Final = numbered("ticket")[:16]
BOOKING: Final = numbered("booking")[:16]
ACCOUNT: Final = numbered("account")[:16]
START: Final = int(datetime(2026, 11, 22, 10, 30, tzinfo=UTC).timestamp())
END: Final = int(datetime(2026, 11, 23, 2, 0, tzinfo=UTC).timestamp())
TICKET_FIELDS: Final[Vector] = {
    "version": 1, "flags": 0, "signing_key_id": 1, "sealing_key_id": 1, "event": EVENT, "subject": TICKET, "admits": 1,
    "generation": 1, "valid_from": START, "valid_until": END, "booking": BOOKING, "account": ACCOUNT,
}  # fmt: skip
GROUP_FIELDS: Final = TICKET_FIELDS | {"flags": 1, "subject": BOOKING, "admits": 7}


def base45(raw: bytes) -> str:
    assert len(raw) % 2 == 0
    numbers = struct.unpack(f">{len(raw) // 2}H", raw)
    return "".join(BASE45[n % 45] + BASE45[n // 45 % 45] + BASE45[n // 2025] for n in numbers)


def seal_keys(key_id: int, event: bytes) -> tuple[bytes, bytes]:
    """HKDF-SHA256 (RFC 5869) by hand: 64 bytes, the cipher's key and then the tag's."""
    extracted = hmac.digest(event, numbered(f"sealing key {key_id}"), sha256)
    info = b"relexbooking ticket seal 1"
    first = hmac.digest(extracted, info + b"\x01", sha256)
    return first, hmac.digest(extracted, first + info + b"\x02", sha256)


def signed(body: bytes, key_id: int = 1) -> bytes:
    return body + signing_key(key_id).sign(body)


def token_bytes(fields: Vector, nonce: bytes) -> bytes:
    """A token made with the right keys, whether or not its content makes sense."""
    door = struct.pack(
        ">BBBB8s16sBBII",
        *(fields[name] for name in ("version", "flags", "signing_key_id", "sealing_key_id")),
        fields["event"][:8],
        *(fields[name] for name in ("subject", "admits", "generation", "valid_from", "valid_until")),
    )
    cipher_key, tag_key = seal_keys(fields["sealing_key_id"], fields["event"])
    cipher = Cipher(AES256(cipher_key), CTR(nonce + bytes(4))).encryptor()
    body = door + nonce + cipher.update(fields["booking"] + fields["account"])
    return signed(body + hmac.digest(tag_key, body, sha256)[:16], fields["signing_key_id"])


def made(name: str, **changes: Any) -> bytes:
    return token_bytes(TICKET_FIELDS | changes, numbered(f"nonce {name}")[:12])


def good(name: str, fields: Vector) -> Vector:
    raw = token_bytes(fields, numbered(f"nonce {name}")[:12])
    return {
        "name": name,
        "token": base45(raw),
        "parts": {part: raw[at : at + length].hex() for part, (at, length) in FIELDS.items()},
        "code": {
            "kind": ("ticket", "group")[fields["flags"]],
            "event_id": identifier("evt", fields["event"]),
            "subject": identifier(("tkt", "bkg")[fields["flags"]], fields["subject"]),
            "admits": fields["admits"],
            "generation": fields["generation"],
            "valid_from": datetime.fromtimestamp(fields["valid_from"], UTC).isoformat(),
            "valid_until": datetime.fromtimestamp(fields["valid_until"], UTC).isoformat(),
            "booking_id": identifier("bkg", fields["booking"]),
            "account_id": identifier("acc", fields["account"]),
        },
    }


def bad(name: str, token: bytes | str, error: str, *, door_accepts: bool = False) -> Vector:
    text = token if isinstance(token, str) else base45(token)
    return {"name": name, "token": text, "error": error, "door_error": None if door_accepts else error}


def changed(raw: bytes, field: str, value: int) -> bytes:
    at, length = FIELDS[field]
    return raw[:at] + value.to_bytes(length, "big") + raw[at + length :]


def flipped(raw: bytes, bit: int) -> bytes:
    return raw[: bit // 8] + bytes([raw[bit // 8] ^ 1 << bit % 8]) + raw[bit // 8 + 1 :]


def good_vectors() -> list[Vector]:
    latest = 2**32 - 1
    return [
        good("a ticket", TICKET_FIELDS),
        good("a group of seven", GROUP_FIELDS),
        good("the largest values", GROUP_FIELDS | {"admits": 255, "generation": 255, "valid_until": latest}),
        good(
            "the smallest times: time is not the sealer's to judge", TICKET_FIELDS | {"valid_from": 0, "valid_until": 0}
        ),
        good("keys that only verify", TICKET_FIELDS | {"signing_key_id": 2, "sealing_key_id": 2}),
    ]


def outsiders_changes(raw: bytes) -> list[Vector]:
    """Every field wrong, by somebody who has no key."""
    early = {"version": "code_malformed", "event_tag": "code_for_other_event"}
    values = {"version": 2, "flags": 1, "signing_key_id": 2, "sealing_key_id": 2, "admits": 2, "generation": 2,
              "valid_from": START - 1, "valid_until": END + 1}  # fmt: skip
    vectors = []
    for field, (at, length) in FIELDS.items():
        value = values.get(field, int.from_bytes(raw[at : at + length], "big") ^ 1)
        vectors.append(bad(f"{field} changed", changed(raw, field, value), early.get(field, "code_forged")))
        if field not in {*early, "signing_key_id", "signature"}:
            # Only the seal tells: this is why a stolen signing key alone does not fool the server.
            again = signed(changed(raw, field, value)[:98])
            vectors.append(bad(f"{field} changed and signed again", again, "code_forged", door_accepts=True))
    return vectors


def wrong_keys_and_events() -> list[Vector]:
    raw = made("wrong keys")
    twin = made("twin event", event=TWIN_EVENT)
    group = token_bytes(GROUP_FIELDS | {"booking": OTHER_EVENT}, numbered("nonce group")[:12])
    return [
        bad("signing key id unknown", changed(raw, "signing_key_id", 9), "code_key_revoked"),
        bad("signing key id zero", changed(raw, "signing_key_id", 0), "code_key_revoked"),
        bad("sealing key id unknown", signed(changed(raw, "sealing_key_id", 9)[:98]), "code_key_revoked"),
        bad("sealing key id zero", signed(changed(raw, "sealing_key_id", 0)[:98]), "code_key_revoked"),
        bad("signing key revoked", made("revoked signing", signing_key_id=3), "code_key_revoked"),
        bad("sealing key revoked", made("revoked sealing", sealing_key_id=3), "code_key_revoked"),
        bad("other event", made("other event", event=OTHER_EVENT), "code_for_other_event"),
        bad("another event with the same tag", twin, "code_forged", door_accepts=True),
        bad("a group's subject is not its booking", group, "code_forged", door_accepts=True),
        bad("version unknown, made with our keys", made("version", version=2), "code_malformed"),
        bad("flags unknown, made with our keys", made("flags", flags=2), "code_malformed"),
        bad("flags with a high bit, made with our keys", made("high flags", flags=0x80), "code_malformed"),
        bad("admits nobody, made with our keys", made("admits", admits=0), "code_malformed"),
        bad("generation zero, made with our keys", made("generation", generation=0), "code_malformed"),
    ]


def bit_flips(raw: bytes) -> list[Vector]:
    """One bit in every eighth byte behind the event tag."""
    return [bad(f"bit {bit} flipped", flipped(raw, bit), "code_forged") for bit in range(8 * 13 + 3, 8 * 162, 67)]


def other_spellings(raw: bytes) -> list[Vector]:
    token = base45(raw)
    scalar = int.from_bytes(raw[130:], "little") + ED25519_ORDER
    return [
        bad("the signature's scalar plus the group's order", raw[:130] + scalar.to_bytes(32, "little"), "code_forged"),
        *(
            bad(name, text, "code_malformed")
            for name, text in {
                "lower case": token.lower(),
                "first letter in lower case": token[0].lower() + token[1:],
                "line feed behind": token + "\n",
                "line feed for the last character": token[:-1] + "\n",
                "space before": " " + token,
                "space behind": token + " ",
                "a group above 65535": ":::" + token[3:],
                "a group of exactly 65536": base45_number(65536) + token[3:],
                "a character outside the alphabet": "_" + token[1:],
                "a full-width digit": token[0] + "\uff10" + token[2:],
                "percent-encoded": token.replace(" ", "%20") + "%20",
            }.items()
        ),
    ]


def base45_number(number: int) -> str:
    return BASE45[number % 45] + BASE45[number // 45 % 45] + BASE45[number // 2025]


def other_lengths(raw: bytes) -> list[Vector]:
    token = base45(raw)
    return [
        bad(name, text, "code_malformed")
        for name, text in {
            "empty": "",
            "one character": token[0],
            "truncated by one character": token[:-1],
            "truncated by two bytes": token[:-3],
            "truncated to what is signed": base45(raw[:98]),
            "truncated to the door part": base45(raw[:38]),
            "extended by one character": token + "0",
            "extended by two bytes": token + "000",
            "extended by itself": token + token,
        }.items()
    ]


def content() -> Vector:
    raw = made("bad")
    return {
        "about": "Test vectors for docs/ticket-token.md. The keys are public and must never be used.",
        "event_id": identifier("evt", EVENT),
        "keys": {
            "sign": [
                {"id": i, "state": state, "secret": signing_key(i).private_bytes_raw().hex(),
                 "public": signing_key(i).public_key().public_bytes_raw().hex()}
                for i, state in STATES.items()
            ],
            "seal": [
                {"id": i, "state": state, "secret": numbered(f"sealing key {i}").hex()} for i, state in STATES.items()
            ],
        },
        "good": good_vectors(),
        "bad": [
            *outsiders_changes(raw), *wrong_keys_and_events(), *bit_flips(raw), *other_spellings(raw),
            *other_lengths(raw),
        ],
    }  # fmt: skip


def text() -> str:
    return json.dumps(content(), indent=1, ensure_ascii=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(text())
