"""What every QrDrawer promises. The reader is zxing, as in many scanning applications."""

import re
from io import BytesIO
from typing import ClassVar

import numpy as np
import pytest
import zxingcpp
from attrs import frozen
from PIL import Image

from adapters.tickets import qr_drawer
from application.ports.ticket_codes import QrDrawer
from domain.errors import InvalidValue
from tests.build_tickets import EVENT, group_code, ring_and_sealer, shipped, ticket_code

_, SEALER = ring_and_sealer()
CODES = [ticket_code(1), ticket_code(2), group_code(3)]
TOKENS = [SEALER.seal(code) for code in CODES]


@frozen
class Level:
    """What a picture for a screen or for print must be."""

    for_print: bool
    name: str
    version: str
    side: int


SCREEN, PRINT = Level(False, "M", "9", 53), Level(True, "Q", "11", 61)  # noqa: FBT003 - the first of four facts


def pixels(png: bytes) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    return np.asarray(Image.open(BytesIO(png)).convert("L"))


def extra(read: zxingcpp.Barcode) -> dict[str, object]:
    """What zxing knows beyond the text; it is typed as any object."""
    assert isinstance(read.extra, dict)
    return read.extra


def rasterised(svg: bytes, scale: int) -> Image.Image:
    """The picture of an SVG that consists of runs of dark modules."""
    text = svg.decode()
    [side] = (int(width) for width in re.findall(r'viewBox="0 0 (\d+) \1"', text))
    [path] = re.findall(r'<path d="([^"]*)"/>', text)
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", path)
    assert "".join(f"M{x} {y}h{w}v1h-{back}z" for x, y, w, back in runs) == path, "nothing else is drawn"
    picture = np.full((side, side), 255, dtype=np.uint8)
    for x, y, width, _ in runs:
        picture[int(y), int(x) : int(x) + int(width)] = 0
    return Image.fromarray(picture.repeat(scale, 0).repeat(scale, 1))


@pytest.mark.parametrize("level", [SCREEN, PRINT], ids=["screen", "print"])
class QrDrawerContract:
    adapter: ClassVar[str]

    @pytest.fixture
    def drawer(self) -> QrDrawer:
        raise NotImplementedError

    def test_a_reader_gets_the_token_and_the_token_opens(self, drawer: QrDrawer, level: Level) -> None:
        for code, token in zip(CODES, TOKENS, strict=True):
            [read] = zxingcpp.read_barcodes(Image.open(BytesIO(drawer.png(token, for_print=level.for_print))))

            assert read.text == token
            assert SEALER.open(read.text, EVENT) == code
            # In byte mode 243 characters would need version 11 at M, or 14 at Q.
            assert (read.ec_level, extra(read)["Version"]) == (level.name, level.version)

    def test_the_svg_says_the_same(self, drawer: QrDrawer, level: Level) -> None:
        for token in TOKENS:
            picture = rasterised(drawer.svg(token, for_print=level.for_print), scale=4)

            [read] = zxingcpp.read_barcodes(picture)
            assert (read.text, read.ec_level) == (token, level.name)
            drawn = pixels(drawer.png(token, module_px=4, for_print=level.for_print))
            assert np.array_equal(np.asarray(picture), drawn)

    @pytest.mark.parametrize("module_px", [1, 3, 8, 40])
    def test_every_module_is_a_crisp_square_inside_a_quiet_zone(
        self, drawer: QrDrawer, module_px: int, level: Level
    ) -> None:
        picture = pixels(drawer.png(TOKENS[0], module_px=module_px, for_print=level.for_print))

        assert picture.shape == ((level.side + 8) * module_px,) * 2
        assert set(np.unique(picture)) == {0, 255}
        modules = picture[::module_px, ::module_px]
        assert np.array_equal(modules.repeat(module_px, 0).repeat(module_px, 1), picture)
        dark_rows, dark_columns = np.nonzero(modules == 0)
        for dark in (dark_rows, dark_columns):
            assert (dark.min(), dark.max()) == (4, level.side + 3)

    def test_the_same_token_gives_the_same_picture(self, drawer: QrDrawer, level: Level) -> None:
        for draw in (drawer.png, drawer.svg):
            assert draw(TOKENS[0], for_print=level.for_print) == draw(TOKENS[0], for_print=level.for_print)
            assert draw(TOKENS[0], for_print=level.for_print) != draw(TOKENS[1], for_print=level.for_print)

    @pytest.mark.parametrize("module_px", [0, -1, 41])
    def test_sizes_have_limits(self, drawer: QrDrawer, module_px: int, level: Level) -> None:
        with pytest.raises(InvalidValue):
            drawer.png(TOKENS[0], module_px=module_px, for_print=level.for_print)

    @pytest.mark.parametrize(
        "text", ["", TOKENS[0].lower(), TOKENS[0] * 2, "A" * 300, "https://example.org", "<svg>", "é"]
    )
    def test_a_text_that_is_no_token_is_not_drawn(self, drawer: QrDrawer, text: str, level: Level) -> None:
        for draw in (drawer.png, drawer.svg):
            with pytest.raises(InvalidValue):
                draw(text, for_print=level.for_print)


class TestQrcodeDrawer(QrDrawerContract):
    adapter = "qr_drawer"

    @pytest.fixture
    def drawer(self) -> QrDrawer:
        return qr_drawer.build()


def test_every_drawer_runs_the_contract() -> None:
    assert {suite.adapter for suite in QrDrawerContract.__subclasses__()} == shipped(QrDrawer) == {"qr_drawer"}
