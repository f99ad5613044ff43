"""The set of damages in which every code must still be read, and one in which none may be, to see that they bite."""

from collections.abc import Callable
from functools import cache
from io import BytesIO
from typing import Final

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageFilter

from adapters.tickets import qr_drawer
from domain.ticket_code import TicketCode
from tests.build_tickets import EVENT, group_code, ring_and_sealer, ticket_code

Damage = Callable[[Image.Image], Image.Image]

MODULE_PX: Final = 8
ANGLES_DEG: Final = (1, 7, 15, 30, 45, 60, 90, 135, 180, 215, 270, 345)
BLURS_MODULES: Final = (0.125, 0.25, 0.4)
BRIGHTNESS: Final = (0.5, 0.3, 0.2)
PLACES: Final = ("centre", "right", "bottom", "corner")
BLACK, WHITE = 0, 255
QR_ONLY: Final = zxingcpp.barcode_formats_from_str("QRCode")

_, SEALER = ring_and_sealer()
DRAWER = qr_drawer.build()
CODES: Final = {
    SEALER.seal(code): code for code in [*(ticket_code(number) for number in range(4)), group_code(9, admits=255)]
}
PRINT = pytest.mark.parametrize("for_print", [False, True], ids=["screen", "print"])


def rotated(angle_deg: float) -> Damage:
    return lambda picture: picture.rotate(angle_deg, Image.Resampling.BICUBIC, expand=True, fillcolor=WHITE)


def blurred(modules: float) -> Damage:
    return lambda picture: picture.filter(ImageFilter.GaussianBlur(modules * MODULE_PX))


def dimmed(brightness: float) -> Damage:
    return lambda picture: Image.fromarray((np.asarray(picture) * brightness).astype(np.uint8))


def faded(black: int, white: int) -> Damage:
    """Grey on grey, as on worn paper."""
    return lambda picture: Image.fromarray((black + np.asarray(picture) / 255 * (white - black)).astype(np.uint8))


def noisy(deviation: float) -> Damage:
    def add(picture: Image.Image) -> Image.Image:
        noise = np.random.default_rng(1).normal(0, deviation, (picture.height, picture.width))
        return Image.fromarray((np.asarray(picture) + noise).clip(0, 255).astype(np.uint8))

    return add


def covered(share: float, place: str, colour: int) -> Damage:
    """A square that hides that share of the symbol, clear of the three finder patterns."""

    def cover(picture: Image.Image) -> Image.Image:
        start, symbol = 4 * MODULE_PX, picture.width - 8 * MODULE_PX
        side = round(share**0.5 * symbol)
        middle, end = start + (symbol - side) // 2, start + symbol - side
        x, y = {"centre": (middle, middle), "right": (end, middle), "bottom": (middle, end), "corner": (end, end)}[
            place
        ]
        picture = picture.copy()
        picture.paste(colour, (x, y, x + side, y + side))
        return picture

    return cover


def all_of(*damages: Damage) -> Damage:
    def apply(picture: Image.Image) -> Image.Image:
        for damage in damages:
            picture = damage(picture)
        return picture

    return apply


SURVIVED: Final[dict[str, Damage]] = {
    "none": all_of(),
    **{f"rotated {angle} degrees": rotated(angle) for angle in ANGLES_DEG},
    **{f"blurred {width} modules": blurred(width) for width in BLURS_MODULES},
    **{f"dimmed to {share}": dimmed(share) for share in BRIGHTNESS},
    "faded": faded(90, 170),
    "noisy": noisy(20),
    **{f"covered 10 % {place} {colour}": covered(0.1, place, colour) for place in PLACES for colour in (BLACK, WHITE)},
    "a poor phone at a dark door": all_of(covered(0.05, "corner", WHITE), rotated(12), blurred(0.25), dimmed(0.4)),
}


@cache
def drawn(token: str, module_px: int, for_print: bool) -> bytes:
    return DRAWER.png(token, module_px=module_px, for_print=for_print)


def read_all(damage: Damage, *, for_print: bool, module_px: int = MODULE_PX) -> list[TicketCode]:
    """What opens of what a reader makes of the damaged pictures; a text that was misread would raise."""
    opened = []
    for token in CODES:
        for found in zxingcpp.read_barcodes(
            damage(Image.open(BytesIO(drawn(token, module_px, for_print))).convert("L")),
            formats=QR_ONLY,
        ):
            assert found.text == token
            opened.append(SEALER.open(found.text, EVENT))
    return opened


@PRINT
@pytest.mark.parametrize("damage", SURVIVED.values(), ids=SURVIVED.keys())
def test_every_code_is_read_in_spite_of(damage: Damage, for_print: bool) -> None:
    assert read_all(damage, for_print=for_print) == list(CODES.values())


@PRINT
@pytest.mark.parametrize("module_px", [1, 2, 3, 5, 16])
def test_every_code_is_read_at_every_size(module_px: int, for_print: bool) -> None:
    assert read_all(all_of(), for_print=for_print, module_px=module_px) == list(CODES.values())


@pytest.mark.parametrize("place", PLACES)
def test_a_printed_code_survives_what_a_screens_does_not(place: str) -> None:
    assert read_all(covered(0.2, place, BLACK), for_print=True) == list(CODES.values())
    assert read_all(covered(0.2, place, BLACK), for_print=False) == []


@PRINT
@pytest.mark.parametrize("damage", [covered(0.3, "centre", WHITE), blurred(1.0), dimmed(0.01)])
def test_the_damages_do_bite(damage: Damage, for_print: bool) -> None:
    assert read_all(damage, for_print=for_print) == []
