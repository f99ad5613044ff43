"""Decodes one uploaded picture and writes it anew: a program of its own, which may not take much and may well die.

It reads the picture from its input and writes `media/type`, a line end and the new picture. The exit status that its
first argument names means refused, with the words for the uploader as its only output. It imports nothing of ours, so
that it starts quickly.
"""

import contextlib
import io
import math
import sys
from typing import Final

from PIL import Image, ImageOps

if sys.platform != "win32":
    import resource

JPEG_QUALITY: Final = 85
_SIXTEEN_BITS: Final = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N"})
_OPAQUE: Final = 255
_MEBIBYTE: Final = 1024 * 1024


class Refused(Exception):
    """Says to the uploader what is wrong with the picture."""


def limit_self(cpu_seconds: int, memory_bytes: int) -> None:
    """From here on, take no more than this. The kernel ends the process that tries."""
    if sys.platform == "win32":
        return  # There are no such limits; the time-out and the limit of pixels still hold.
    for kind, amount in (
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        # Not every system knows every limit.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (amount, amount))


def rewrite(data: bytes, pixels_max: int, side_px_max: int) -> tuple[str, bytes]:
    """The media type and the bytes of the same picture, upright, no larger than allowed and without metadata."""
    Image.MAX_IMAGE_PIXELS = None  # Our own limit is lower, and has words for people.
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as image:
            _check_header(image, pixels_max)
            smooth = _without_palette(image)
            # Shrinking comes before turning: a large JPEG is then never decoded in full.
            smooth.thumbnail((side_px_max, side_px_max), Image.Resampling.LANCZOS)
            return _written(ImageOps.exif_transpose(smooth))
    except (Refused, MemoryError):
        raise
    except Exception as error:
        # Pillow's decoders raise many things, and every one of them means that these bytes are no sound picture.
        raise Refused("the picture is damaged or incomplete: export it again and retry") from error


def _check_header(image: Image.Image, pixels_max: int) -> None:
    width, height = image.size
    if width * height > pixels_max:
        raise Refused(
            f"the picture has {width} x {height} pixels; at most {pixels_max / 1_000_000:g} million are taken"
        )
    if image.format == "PNG" and getattr(image, "n_frames", 1) > 1:
        raise Refused("the picture is animated: upload a still one")


def _without_palette(image: Image.Image) -> Image.Image:
    """Colours that can be mixed. Numbers of a palette cannot, nor can one colour that stands for "transparent"."""
    if "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("RGB") if image.mode in {"1", "P"} else image


def _written(image: Image.Image) -> tuple[str, bytes]:
    file = io.BytesIO()
    if image.has_transparency_data and _shows_through(clear := image.convert("RGBA")):
        _bare(clear).save(file, "PNG", optimize=True)
        return "image/png", file.getvalue()
    if image.mode in _SIXTEEN_BITS:
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    _bare(image.convert("RGB")).save(file, "JPEG", quality=JPEG_QUALITY, optimize=True, progressive=True)
    return "image/jpeg", file.getvalue()


def _shows_through(image: Image.Image) -> bool:
    lowest, _ = image.getchannel("A").getextrema()
    return lowest != _OPAQUE


def _bare(image: Image.Image) -> Image.Image:
    """Nothing but pixels: what else a file carried lies in `info`, from where Pillow would save some of it again."""
    image.info.clear()
    return image


def main(refused_status: int, cpu_seconds: int, memory_bytes: int, pixels_max: int, side_px_max: int) -> int:
    limit_self(cpu_seconds, memory_bytes)
    try:
        media_type, picture = rewrite(sys.stdin.buffer.read(), pixels_max, side_px_max)
    except Refused as refusal:
        sys.stdout.write(str(refusal))
        return refused_status
    except MemoryError:
        sys.stdout.write(f"decoding the picture takes more than {math.ceil(memory_bytes / _MEBIBYTE)} MiB of memory")
        return refused_status
    sys.stdout.buffer.write(media_type.encode() + b"\n" + picture)
    return 0


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:])))
