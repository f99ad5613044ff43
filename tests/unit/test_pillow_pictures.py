import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from attrs import evolve

from adapters import picture_worker
from adapters.picture_worker import Refused, rewrite
from adapters.pictures import PictureLimits, PillowPictures
from application.ports.pictures import PictureRefused, Pictures
from tests.contracts.pictures import PicturesContract
from tests.support.pictures import bomb, jpeg, opened, png_of, turned_with_metadata

MEBIBYTE = 1024 * 1024
NO_LIMIT = 2**62


class TestPillowPictures(PicturesContract):
    adapter = "pillow"

    @pytest.fixture
    def pictures(self) -> Pictures:
        return PillowPictures()


def test_without_the_limit_of_pixels_a_bomb_would_be_decoded() -> None:
    """The negative control: the bomb is a sound picture, and only the limit keeps it out."""
    data = bomb()
    assert len(data) < 20_000

    media_type, _ = rewrite(data, NO_LIMIT, 100)

    assert media_type == "image/jpeg"
    with pytest.raises(Refused, match="6400 x 6400"):
        rewrite(data, 40_000_000, 100)


def test_the_size_is_judged_by_the_header_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda _: pytest.fail("decoded"))

    with pytest.raises(Refused, match="at most 40 million"):
        rewrite(bomb(), 40_000_000, 2_400)


async def test_memory_is_limited() -> None:
    """Its header makes a decoder reserve 1.6 GB; what follows is too short in any case, which is told when it fits."""
    greedy = png_of(20_000, 20_000, b"\0", colour_type=6)
    unlimited = PictureLimits(pixels_max=NO_LIMIT, memory_bytes=8 * 1024 * MEBIBYTE)

    with pytest.raises(PictureRefused, match="memory"):
        await PillowPictures(evolve(unlimited, memory_bytes=512 * MEBIBYTE)).clean(greedy)
    with pytest.raises(PictureRefused, match="damaged"):
        await PillowPictures(unlimited).clean(greedy)


def _program(tmp_path: Path, lines: str) -> Path:
    program = tmp_path / "worker.py"
    program.write_text(f"import sys\nsys.path.insert(0, {str(Path(picture_worker.__file__).parent)!r})\n{lines}")
    return program


def test_the_kernel_ends_who_takes_too_much_time(tmp_path: Path) -> None:
    greedy = _program(tmp_path, "import picture_worker\npicture_worker.limit_self(1, 2**29)\nwhile True: pass")

    done = subprocess.run([sys.executable, "-I", greedy], check=False, timeout=30)

    assert -done.returncode in {signal.SIGXCPU, signal.SIGKILL}


def test_a_limited_process_writes_no_file(tmp_path: Path) -> None:
    target = tmp_path / "written"
    writer = _program(
        tmp_path,
        f"import picture_worker\npicture_worker.limit_self(5, 2**29)\nopen({str(target)!r}, 'wb', 0).write(b'evil')",
    )

    done = subprocess.run([sys.executable, "-I", writer], check=False, timeout=30, stderr=subprocess.PIPE)

    assert b"File too large" in done.stderr
    assert target.read_bytes() == b""


@pytest.mark.parametrize(
    "death", ["import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "raise RuntimeError", "import os\nos._exit(7)"]
)
async def test_a_worker_that_dies_refuses_its_picture(tmp_path: Path, death: str) -> None:
    with pytest.raises(PictureRefused, match="too much time or memory"):
        await PillowPictures(worker=_program(tmp_path, death)).clean(jpeg())


async def test_a_worker_that_hangs_is_ended(tmp_path: Path) -> None:
    hanging = _program(tmp_path, "import signal\nsignal.pause()")

    with pytest.raises(PictureRefused, match="too long"):
        await PillowPictures(PictureLimits(wait_seconds=0.2), worker=hanging).clean(jpeg())


async def test_too_many_bytes_start_no_process(tmp_path: Path) -> None:
    limits = PictureLimits(upload_bytes_max=MEBIBYTE)

    with pytest.raises(PictureRefused, match="at most 1 MB"):
        await PillowPictures(limits, worker=tmp_path / "missing").clean(jpeg() + b"\0" * MEBIBYTE)


async def test_pictures_are_decoded_in_no_thread_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []
    real = subprocess.run

    def noticed(*arguments: object, **options: object) -> object:
        threads.append(threading.get_ident())
        return real(*arguments, **options)  # type: ignore[call-overload] # passed on as they came

    monkeypatch.setattr(subprocess, "run", noticed)
    await PillowPictures().clean(jpeg())

    assert len(threads) == 1
    assert threading.get_ident() not in threads


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_set_upright(orientation: int) -> None:
    """Red is where the camera's left was: that side's place follows from the EXIF standard."""
    media_type, data = rewrite(turned_with_metadata(orientation), NO_LIMIT, 2_400)

    image = opened(data).convert("RGB")
    width, height = image.size
    red_at = {1: "left", 2: "right", 3: "right", 4: "left", 5: "top", 6: "top", 7: "bottom", 8: "bottom"}[orientation]
    places = {
        "left": (2, height // 2),
        "right": (width - 3, height // 2),
        "top": (width // 2, 2),
        "bottom": (width // 2, height - 3),
    }
    reddest = max(places, key=lambda side: _redness(image.getpixel(places[side])))
    assert media_type == "image/jpeg"
    assert ((width, height) == (80, 40)) is (orientation <= 4)
    assert reddest == red_at


def _redness(pixel: object) -> int:
    assert isinstance(pixel, tuple)
    return int(pixel[0]) - int(pixel[2])
