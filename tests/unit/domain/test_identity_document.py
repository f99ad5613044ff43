"""Numbers of documents: those that are published fit, and what people mistype does not.

Aadhaar: UIDAI's sample numbers for developers. PAN: the Income Tax Department's structure of ten characters. Passport:
the specimen of ICAO Doc 9303, part 4, and India's letter with seven digits. Verhoeff: J. Verhoeff, Error Detecting
Decimal Codes (1969), with the check digits that textbooks give.
"""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain import identity_document
from domain.errors import InvalidValue
from domain.identity_document import (
    PAN_HOLDERS,
    DocumentNumberRefused,
    DocumentType,
    Side,
    check_sides,
    document_number,
    masked_number,
    verhoeff_fits,
)

DIGITS = st.text("0123456789", min_size=1, max_size=20)


@pytest.mark.parametrize("digits", ["2363", "123451", "1428570", "1234567890120", "0"])
def test_published_check_digits_fit(digits: str) -> None:
    assert verhoeff_fits(digits)
    assert sum(verhoeff_fits(digits[:-1] + last) for last in "0123456789") == 1


@given(DIGITS, st.data())
def test_every_single_wrong_digit_is_caught(digits: str, data: st.DataObject) -> None:
    whole = _checked(digits)
    place = data.draw(st.integers(0, len(whole) - 1))
    wrong = data.draw(st.sampled_from("0123456789"))
    assume(wrong != whole[place])

    assert not verhoeff_fits(whole[:place] + wrong + whole[place + 1 :])


@given(DIGITS, st.data())
def test_every_swap_of_neighbours_is_caught(digits: str, data: st.DataObject) -> None:
    whole = _checked(digits)
    place = data.draw(st.integers(0, len(whole) - 2))
    assume(whole[place] != whole[place + 1])

    assert not verhoeff_fits(whole[:place] + whole[place + 1] + whole[place] + whole[place + 2 :])


def test_without_the_permutation_swaps_would_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """A negative control: the turns of the group commute, and only the permutation tells places apart."""
    monkeypatch.setattr(identity_document, "_PERMUTATION", tuple(range(10)))

    assert verhoeff_fits("1234") == verhoeff_fits("1324")
    assert verhoeff_fits("140") == verhoeff_fits("410") is True


def _checked(digits: str) -> str:
    [whole] = [digits + last for last in "0123456789" if verhoeff_fits(digits + last)]
    return whole


@pytest.mark.parametrize(
    ("kind", "typed", "number"),
    [
        *(
            (DocumentType.AADHAAR, number, number.replace(" ", ""))
            for number in ("2341 2341 2346", "999941057058", "999971658847", "999933119405", "999955183433")
        ),
        (DocumentType.PAN, "aaapa-1234-a", "AAAPA1234A"),
        *((DocumentType.PAN, f"ABC{holder}D0001E", f"ABC{holder}D0001E") for holder in PAN_HOLDERS),
        (DocumentType.PASSPORT, "L898902C3", "L898902C3"),
        (DocumentType.PASSPORT, " j8369854 ", "J8369854"),
    ],
)
def test_what_is_published_fits_in_whatever_form_it_is_typed(kind: DocumentType, typed: str, number: str) -> None:
    assert document_number(kind, typed) == number


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (DocumentType.AADHAAR, "234123412345"),
        (DocumentType.AADHAAR, "034123412346"),
        (DocumentType.AADHAAR, "134123412346"),
        (DocumentType.AADHAAR, "23412341234"),
        (DocumentType.AADHAAR, "2341234123466"),
        (DocumentType.AADHAAR, "२३४१२३४१२३४६"),
        (DocumentType.PAN, "AAAXA1234A"),
        (DocumentType.PAN, "AAAPA0000A"),
        (DocumentType.PAN, "AAAP11234A"),
        (DocumentType.PAN, "ABCPB1234"),
        (DocumentType.PASSPORT, "PASSPORT"),
        (DocumentType.PASSPORT, "L898902C31"),
        (DocumentType.PASSPORT, "12345"),
        (DocumentType.PASSPORT, "L898902<3"),
        (DocumentType.PASSPORT, "1" * 41),
        *((kind, "") for kind in DocumentType),
    ],
)
def test_what_no_document_has_is_refused_and_not_repeated(kind: DocumentType, typed: str) -> None:
    with pytest.raises(DocumentNumberRefused) as refused:
        document_number(kind, typed)

    assert not typed or typed not in str(refused.value)


def test_an_aadhaar_number_shows_its_last_four_alone() -> None:
    assert masked_number(DocumentType.AADHAAR, "234123412346") == "XXXX XXXX 2346"
    assert masked_number(DocumentType.PAN, "AAAPA1234A") == "XXXXXX234A"
    assert masked_number(DocumentType.PASSPORT, "J8369854") == "XXXX9854"


@pytest.mark.parametrize(
    ("kind", "sides"),
    [
        (DocumentType.AADHAAR, (Side.FRONT,)),
        (DocumentType.AADHAAR, (Side.BACK,)),
        (DocumentType.PAN, (Side.FRONT, Side.BACK)),
        (DocumentType.PAN, ()),
        (DocumentType.PASSPORT, (Side.BACK,)),
        (DocumentType.PASSPORT, (Side.FRONT, Side.FRONT)),
    ],
)
def test_the_sides_are_those_that_such_a_document_has(kind: DocumentType, sides: tuple[Side, ...]) -> None:
    with pytest.raises(InvalidValue):
        check_sides(kind, sides)
