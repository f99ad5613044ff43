"""Identity documents: what their numbers look like, and what is kept of one."""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from attrs import evolve, field, frozen

from domain.checks import whole
from domain.errors import InvalidValue, NotAllowedNow
from domain.facts import Aggregate
from domain.ids import AccountId, KycDocumentId, KycRequestId
from domain.time import is_aware

NUMBER_TYPED_MAX: Final = 40
"""What somebody may type, with spaces and hyphens."""
SEALING_FORM: Final = 1
"""Stands in what each seal is bound to, so that a later form cannot be passed off as this one."""


class DocumentType(StrEnum):
    AADHAAR = "aadhaar"
    PAN = "pan"
    PASSPORT = "passport"


class Side(StrEnum):
    FRONT = "front"
    BACK = "back"


SIDES_NEEDED: Final[Mapping[DocumentType, frozenset[Side]]] = {
    # The letter and the card have the number in front and the address behind.
    DocumentType.AADHAAR: frozenset({Side.FRONT, Side.BACK}),
    DocumentType.PAN: frozenset({Side.FRONT}),
    # The data page says who it is; what stands on the last page differs from country to country.
    DocumentType.PASSPORT: frozenset({Side.FRONT}),
}
SIDES_TAKEN: Final[Mapping[DocumentType, frozenset[Side]]] = {
    DocumentType.AADHAAR: frozenset(Side),
    DocumentType.PAN: frozenset({Side.FRONT}),
    DocumentType.PASSPORT: frozenset(Side),
}


class DocumentNumberRefused(InvalidValue):
    """No document of that type has such a number. The words never repeat what was typed."""

    code = "document_number_refused"


class DocumentGone(NotAllowedNow):
    """The document was destroyed: nobody can read it any more."""

    code = "document_gone"


def document_number(kind: DocumentType, typed: str) -> str:
    """The one spelling of a number, without spaces and hyphens; DocumentNumberRefused if it cannot be one."""
    number = re.sub(r"[\s-]", "", typed[: NUMBER_TYPED_MAX + 1]).upper()
    if not number.isascii() or not _FITS[kind](number) or len(typed) > NUMBER_TYPED_MAX:
        raise DocumentNumberRefused(_WANTED[kind])
    return number


def masked_number(kind: DocumentType, number: str) -> str:
    """What may be shown: the last four. Of an Aadhaar number that is all that UIDAI lets others show."""
    hidden = "X" * (len(number) - 4) + number[-4:]
    return " ".join(re.findall(".{4}", hidden)) if kind is DocumentType.AADHAAR else hidden


# Verhoeff, "Error Detecting Decimal Codes" (1969): digits are multiplied in the dihedral group of the pentagon after a
# permutation that depends on their place. Every single wrong digit and every swap of neighbours changes the product.
_PERMUTATION: Final = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
_TURNS: Final = 5


def _times(one: int, other: int) -> int:
    """In the group: 0 to 4 are the turns of a pentagon, 5 to 9 its reflections."""
    if one < _TURNS:
        return (one + other) % _TURNS if other < _TURNS else (one + other - _TURNS) % _TURNS + _TURNS
    if other < _TURNS:
        return (one - _TURNS - other) % _TURNS + _TURNS
    return (one - other) % _TURNS


def _permuted(digit: int, times: int) -> int:
    for _ in range(times % 8):
        digit = _PERMUTATION[digit]
    return digit


def verhoeff_fits(digits: str) -> bool:
    """Whether the last digit checks those before it."""
    product = 0
    for place, digit in enumerate(reversed(digits)):
        product = _times(product, _permuted(int(digit), place))
    return product == 0


def _is_aadhaar(number: str) -> bool:
    """UIDAI: twelve digits, the last by Verhoeff; none begins with 0 or 1."""
    return re.fullmatch("[2-9][0-9]{11}", number) is not None and verhoeff_fits(number)


def _is_pan(number: str) -> bool:
    """Income Tax Department: five letters, four digits from 0001 on, a letter. The fourth letter says whose it is."""
    found = re.fullmatch(f"[A-Z]{{3}}[{''.join(PAN_HOLDERS)}][A-Z]([0-9]{{4}})[A-Z]", number)
    return found is not None and found[1] != "0000"


PAN_HOLDERS: Final[Mapping[str, str]] = {
    "A": "association of persons",
    "B": "body of individuals",
    "C": "company",
    "F": "firm",
    "G": "government",
    "H": "Hindu undivided family",
    "J": "artificial juridical person",
    "L": "local authority",
    "P": "person",
    "T": "trust",
}
"""What the fourth letter of a PAN means."""


def _is_passport(number: str) -> bool:
    """ICAO Doc 9303, part 4: up to nine letters A to Z and digits. An Indian one is a letter and seven digits.

    Countries agree on no more than that; we want six at least, and a digit, so that a name is not taken for a number.
    """
    return re.fullmatch("(?=.*[0-9])[A-Z0-9]{6,9}", number) is not None


_FITS: Final = {
    DocumentType.AADHAAR: _is_aadhaar,
    DocumentType.PAN: _is_pan,
    DocumentType.PASSPORT: _is_passport,
}
_WANTED: Final = {
    DocumentType.AADHAAR: "an Aadhaar number has twelve digits of which the last checks the others: look at it again",
    DocumentType.PAN: "a PAN has five letters, four digits and a letter, such as AAAPA1234A: look at it again",
    DocumentType.PASSPORT: "a passport number has six to nine letters and digits, without signs: look at it again",
}


@frozen
class SealedKey:
    """A data key that only the key of that id opens."""

    key_id: str
    blob: bytes = field(repr=False)


@frozen
class SealedNumber:
    """A number that nobody reads without its data key."""

    content: bytes = field(repr=False)
    key: SealedKey


@frozen
class DocumentFile:
    """One side, kept sealed outside of our records."""

    side: Side
    object_key: str
    media_type: str
    size: int = field(validator=whole(1, 100_000_000))
    """Bytes before they were sealed."""
    key: SealedKey | None
    """None once it is destroyed."""
    form: int = SEALING_FORM


@frozen
class IdentityDocument(Aggregate):
    """One document of a request, with a number that can be shown masked and compared, but not read."""

    id: KycDocumentId
    request_id: KycRequestId
    account_id: AccountId
    type: DocumentType
    masked: str
    fingerprint: str | None = field(repr=False)
    """A keyed hash of type and number: the same document has the same one in every account."""
    number: SealedNumber | None
    files: tuple[DocumentFile, ...]
    added_at: datetime = field(validator=is_aware)

    def file(self, side: str) -> DocumentFile | None:
        return next((file for file in self.files if file.side == side), None)

    @property
    def number_seal(self) -> str:
        """What the seal of its number is bound to: nobody can put it into another request."""
        return f"kyc-number|{self.account_id}|{self.request_id}|{self.id}|{SEALING_FORM}"

    def file_seal(self, file: DocumentFile) -> str:
        """What the seal of a file is bound to."""
        return f"kyc-document|{self.account_id}|{self.id}/{file.side}/{file.media_type}|{file.form}|{file.size}"

    @property
    def keys(self) -> tuple[SealedKey, ...]:
        """All that must be wrapped anew when a key is replaced."""
        of_files = tuple(file.key for file in self.files if file.key is not None)
        return of_files if self.number is None else (self.number.key, *of_files)

    @property
    def is_shredded(self) -> bool:
        return not self.keys

    def rewrapped(self, fresh: Mapping[SealedKey, SealedKey]) -> Self:
        """The same content under other wrappings of the same data keys."""
        number = self.number and evolve(self.number, key=fresh[self.number.key])
        return evolve(
            self, number=number, files=tuple(evolve(file, key=file.key and fresh[file.key]) for file in self.files)
        )

    def shredded(self) -> Self:
        """Without its keys: what is stored elsewhere, and in copies of it, is noise from now on."""
        files = tuple(evolve(file, key=None) for file in self.files)
        return evolve(self, number=None, fingerprint=None, masked="", files=files)


def check_sides(kind: DocumentType, sides: tuple[Side, ...]) -> None:
    """InvalidValue unless these are the sides that such a document has, each once."""
    given = frozenset(sides)
    if len(given) != len(sides) or not SIDES_NEEDED[kind] <= given <= SIDES_TAKEN[kind]:
        needed = " and ".join(sorted(SIDES_NEEDED[kind], reverse=True))
        raise InvalidValue(f"of this type of document we need the {needed}, each once")
