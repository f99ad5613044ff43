"""What everything that cleans pictures promises."""

import asyncio
import zlib
from typing import ClassVar

import pytest
from PIL import Image

from application.ports.pictures import PictureRefused, Pictures
from tests.support.pictures import (
    PNG_MAGIC,
    SECRET,
    animated,
    bomb,
    chunk,
    encoded,
    jpeg,
    opened,
    png,
    png_of,
    turned_with_metadata,
)

REFUSED = {
    "nothing": (b"", "not a JPEG or PNG"),
    "words": (b"hello", "not a JPEG or PNG"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "not a JPEG or PNG"),
    "html": (b"<html><script>alert(1)</script>", "not a JPEG or PNG"),
    "gif": (encoded(Image.new("P", (9, 9)), "GIF"), "not a JPEG or PNG"),
    "webp": (encoded(Image.new("RGB", (9, 9)), "WEBP"), "not a JPEG or PNG"),
    "tiff": (encoded(Image.new("RGB", (9, 9)), "TIFF"), "not a JPEG or PNG"),
    "pdf before a jpeg": (b"%PDF-1.7\n" + jpeg(), "not a JPEG or PNG"),
    "zip before a png": (b"PK\x03\x04" + png(), "not a JPEG or PNG"),
    "html with the magic of a png": (PNG_MAGIC + b"<html><script>alert(1)</script>", "damaged"),
    "html with the magic of a jpeg": (b"\xff\xd8\xff\xe0<script>alert(1)</script>", "damaged"),
    "only the magic": (PNG_MAGIC, "damaged"),
    "half a png": (png(300, 300, mode="RGBA")[:400], "damaged"),
    "half a jpeg": (encoded(Image.effect_noise((90, 90), 80), "JPEG")[:2_000], "damaged"),
    "a flipped bit": (png().replace(b"IDAT", b"IDAU"), "damaged"),
    "no pixels": (png_of(9, 9, b""), "damaged"),
    "no width": (png_of(0, 9, b"\0" * 9), "damaged"),
    "animated": (animated(), "animated"),
    "bomb of pixels": (bomb(), "at most 40 million"),
    "gigantic claim": (png_of(2**31 - 1, 2**31 - 1, b"\0"), "at most 40 million"),
    "bomb of words": (
        png_of(9, 9, b"\0" * 90, extra=chunk(b"zTXt", b"a\0\0" + zlib.compress(b"a" * 80_000_000, 9))),
        "damaged",
    ),
    "too many bytes": (jpeg() + b"\0" * (5 * 1024 * 1024), "at most 5 MB"),
}


class PicturesContract:
    """Fixtures of a subclass: `pictures`."""

    adapter: ClassVar[str]

    @pytest.mark.parametrize(("data", "words"), REFUSED.values(), ids=REFUSED)
    async def test_what_is_no_still_picture_of_sound_size_is_refused(
        self, pictures: Pictures, data: bytes, words: str
    ) -> None:
        with pytest.raises(PictureRefused, match=words):
            await pictures.clean(data)

    async def test_a_photo_stays_a_jpeg_of_its_colours(self, pictures: Pictures) -> None:
        cleaned = await pictures.clean(jpeg())

        image = opened(cleaned.data)
        assert (cleaned.media_type, image.format, image.size) == ("image/jpeg", "JPEG", (60, 40))
        assert _near(image, (30, 20), (200, 30, 30))

    @pytest.mark.parametrize(
        ("mode", "colour", "shown"),
        [
            ("RGB", (200, 30, 30), (200, 30, 30)),
            ("RGBA", (200, 30, 30, 255), (200, 30, 30)),
            ("L", 90, (90, 90, 90)),
            ("LA", (90, 255), (90, 90, 90)),
            ("1", 1, (255, 255, 255)),
            ("I;16", 40_000, (156, 156, 156)),
        ],
    )
    async def test_an_opaque_png_becomes_a_jpeg(
        self, pictures: Pictures, mode: str, colour: object, shown: tuple[int, int, int]
    ) -> None:
        cleaned = await pictures.clean(png(mode=mode, colour=colour))

        assert cleaned.media_type == "image/jpeg"
        assert _near(opened(cleaned.data), (30, 20), shown)

    async def test_what_lets_the_ground_shine_through_stays_a_png(self, pictures: Pictures) -> None:
        cleaned = await pictures.clean(png(mode="RGBA", colour=(200, 30, 30, 77)))

        image = opened(cleaned.data)
        assert (cleaned.media_type, image.format) == ("image/png", "PNG")
        assert image.getpixel((30, 20)) == (200, 30, 30, 77)

    async def test_a_transparent_colour_of_a_palette_stays_transparent(self, pictures: Pictures) -> None:
        image = Image.new("P", (10, 10), 0)
        image.putpalette([255, 0, 0, 0, 255, 0])
        image.paste(1, (5, 0, 10, 10))

        cleaned = await pictures.clean(encoded(image, "PNG", transparency=0))

        assert cleaned.media_type == "image/png"
        assert opened(cleaned.data).convert("RGBA").getpixel((0, 0)) == (255, 0, 0, 0)
        assert opened(cleaned.data).convert("RGBA").getpixel((9, 9)) == (0, 255, 0, 255)

    async def test_colours_for_print_become_colours_for_screens(self, pictures: Pictures) -> None:
        cleaned = await pictures.clean(encoded(Image.new("CMYK", (20, 20), (0, 255, 255, 0)), "JPEG"))

        assert opened(cleaned.data).mode == "RGB"
        assert _near(opened(cleaned.data), (10, 10), (255, 0, 0))

    async def test_a_large_picture_is_made_smaller_in_proportion(self, pictures: Pictures) -> None:
        wide = await pictures.clean(jpeg(4_800, 1_200))
        tall = await pictures.clean(png(10, 3_000, mode="RGBA", colour=(1, 2, 3, 4)))

        assert opened(wide.data).size == (2_400, 600)
        assert opened(tall.data).size == (8, 2_400)

    async def test_a_turned_picture_is_set_upright_and_keeps_no_metadata(self, pictures: Pictures) -> None:
        data = turned_with_metadata(orientation=6)
        assert SECRET in data

        cleaned = await pictures.clean(data)

        image = opened(cleaned.data)
        assert image.size == (40, 80)
        assert _near(image, (20, 10), (255, 0, 0))
        assert _near(image, (20, 70), (0, 0, 255))
        assert SECRET not in cleaned.data
        assert not image.getexif()
        assert not {"exif", "comment", "icc_profile", "xmp"} & set(image.info)

    async def test_a_png_keeps_no_metadata(self, pictures: Pictures) -> None:
        words = chunk(b"tEXt", b"Comment\0" + SECRET) + chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + SECRET)
        pixels = (b"\0" + b"\x01\x02\x03\x04" * 8) * 8

        cleaned = await pictures.clean(png_of(8, 8, pixels, colour_type=6, extra=words))

        assert cleaned.media_type == "image/png"
        assert SECRET not in cleaned.data
        assert not opened(cleaned.data).info

    @pytest.mark.parametrize("picture", [jpeg(), png(mode="RGBA", colour=(1, 2, 3, 4))], ids=["jpeg", "png"])
    @pytest.mark.parametrize("tail", [b"<script>alert(1)</script>", b"PK\x03\x04evil.class", b"%PDF-1.7 evil"])
    async def test_what_hides_behind_a_picture_is_gone(self, pictures: Pictures, picture: bytes, tail: bytes) -> None:
        cleaned = await pictures.clean(picture + tail)

        assert tail not in cleaned.data
        assert opened(cleaned.data).size == (60, 40)

    async def test_of_the_several_pictures_in_a_phones_photo_the_first_is_kept(self, pictures: Pictures) -> None:
        first, second = (Image.new("RGB", (20, 20), colour) for colour in ("red", "blue"))

        cleaned = await pictures.clean(encoded(first, "MPO", save_all=True, append_images=[second]))

        assert opened(cleaned.data).format == "JPEG"
        assert _near(opened(cleaned.data), (10, 10), (255, 0, 0))

    async def test_cleaning_twice_changes_no_more_than_once(self, pictures: Pictures) -> None:
        once = await pictures.clean(png(mode="RGBA", colour=(1, 2, 3, 4)))

        assert await pictures.clean(once.data) == once

    async def test_one_bomb_among_pictures_harms_none_of_them(self, pictures: Pictures) -> None:
        answers = await asyncio.gather(
            *(pictures.clean(data) for data in (jpeg(), bomb(), jpeg(), png_of(9, 9, b""), jpeg())),
            return_exceptions=True,
        )

        assert [isinstance(answer, PictureRefused) for answer in answers] == [False, True, False, True, False]


def _near(image: Image.Image, place: tuple[int, int], colour: tuple[int, int, int]) -> bool:
    """JPEG keeps colours nearly."""
    found = image.convert("RGB").getpixel(place)
    assert isinstance(found, tuple)
    return all(abs(one - other) <= 6 for one, other in zip(found, colour, strict=True))
