"""Pictures made for tests, some of them hostile."""

import io
import struct
import zlib
from typing import Any, Final

from PIL import Image

PNG_MAGIC: Final = b"\x89PNG\r\n\x1a\n"
SECRET: Final = b"taken at 12.9716 N, 77.5946 E"


def encoded(image: Image.Image, file_format: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def jpeg(width: int = 60, height: int = 40, **options: Any) -> bytes:
    return encoded(Image.new("RGB", (width, height), (200, 30, 30)), "JPEG", **options)


def png(width: int = 60, height: int = 40, mode: str = "RGB", colour: Any = (200, 30, 30), **options: Any) -> bytes:
    return encoded(Image.new(mode, (width, height), colour), "PNG", **options)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_of(
    width: int, height: int, pixels: bytes, *, depth: int = 8, colour_type: int = 0, extra: bytes = b""
) -> bytes:
    """A PNG of any claim: its header may lie about what follows."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0))
    return PNG_MAGIC + header + extra + chunk(b"IDAT", zlib.compress(pixels, 9)) + chunk(b"IEND", b"")


def bomb(side_px: int = 6_400) -> bytes:
    """A sound PNG of a few kilobytes that decodes to side_px squared."""
    return png_of(side_px, side_px, (b"\0" * (side_px // 8 + 1)) * side_px, depth=1)


def animated() -> bytes:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue", "green")]
    return encoded(frames[0], "PNG", save_all=True, append_images=frames[1:])


def turned_with_metadata(orientation: int = 6) -> bytes:
    """A JPEG, red on its left and blue on its right, that its EXIF data turns, with a place and a comment in it."""
    image = Image.new("RGB", (80, 40), "red")
    image.paste("blue", (40, 0, 80, 40))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = SECRET.decode()
    return encoded(image, "JPEG", exif=exif, comment=SECRET, quality=95)
