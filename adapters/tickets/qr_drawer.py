"""Tokens as QR codes, drawn by the `qrcode` package and kept crisp by us."""

from io import BytesIO
from itertools import groupby
from typing import Final, Literal

from attrs import frozen

from application.ports.ticket_codes import QrDrawer
from domain.errors import InvalidValue

QUIET_ZONE_MODULES: Final = 4
MODULE_PX_MAX: Final = 40
VERSION_MAX_ON_SCREEN: Final = 9
VERSION_MAX_IN_PRINT: Final = 11
VERSION_MAX_OF_LINKS: Final = 16
"""450 characters: the longest address that an account can have goes in."""

_ALPHANUMERIC: Final = 2
"""qrcode.util.MODE_ALPHA_NUM, which is typed as any integer."""
_BYTES: Final = 4
"""qrcode.util.MODE_8BIT_BYTE."""

_DOES_NOT_FIT: Final = "this text does not go into the QR code of a ticket"

_Modules = list[list[bool]]

# ruff: noqa: PLC0415 - qrcode and Pillow take 10 MB and a thirtieth of a start, which only the first code should cost


def build() -> QrDrawer:
    """A drawer. It keeps no state, so threads may share it."""
    return QrcodeDrawer()


@frozen
class QrcodeDrawer:
    """Draws every module as the same whole number of pixels, black on white, without smoothing."""

    def png(self, token: str, *, module_px: int = 8, for_print: bool = False) -> bytes:
        """See QrDrawer."""
        from PIL import Image

        if not 1 <= module_px <= MODULE_PX_MAX:
            raise InvalidValue(f"a module is 1 to {MODULE_PX_MAX} pixels wide, not {module_px}")
        modules = _modules(token, for_print=for_print)
        side = len(modules)
        small = Image.new("1", (side, side))
        small.putdata([0 if dark else 255 for row in modules for dark in row])
        picture = small.resize((side * module_px, side * module_px), Image.Resampling.NEAREST)
        file = BytesIO()
        picture.save(file, "PNG", optimize=True)
        return file.getvalue()

    def svg(self, token: str, *, for_print: bool = False) -> bytes:
        """See QrDrawer."""
        return _vectors(_modules(token, for_print=for_print))

    def link_svg(self, text: str) -> bytes:
        """See LinkDrawer."""
        return _vectors(_drawn(text, _BYTES, "M", VERSION_MAX_OF_LINKS))


def _vectors(modules: _Modules) -> bytes:
    side = len(modules)
    path = "".join(_runs(y, row) for y, row in enumerate(modules))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{path}"/></svg>'
    ).encode()


def _modules(token: str, *, for_print: bool) -> _Modules:
    """The dark modules, quiet zone included."""
    if for_print:
        return _drawn(token, _ALPHANUMERIC, "Q", VERSION_MAX_IN_PRINT)
    return _drawn(token, _ALPHANUMERIC, "M", VERSION_MAX_ON_SCREEN)


def _drawn(token: str, mode: Literal[2, 4], level: Literal["M", "Q"], version_max: int) -> _Modules:
    from qrcode.constants import ERROR_CORRECT_M, ERROR_CORRECT_Q
    from qrcode.exceptions import DataOverflowError
    from qrcode.main import QRCode
    from qrcode.util import QRData

    qr = QRCode(error_correction={"M": ERROR_CORRECT_M, "Q": ERROR_CORRECT_Q}[level], border=QUIET_ZONE_MODULES)
    try:
        # One alphanumeric segment: split segments or bytes would need a larger symbol.
        qr.add_data(QRData(token, mode=mode), optimize=0)
        qr.make(fit=True)
    except (ValueError, DataOverflowError):
        raise InvalidValue(_DOES_NOT_FIT) from None
    if not token or qr.version > version_max:
        raise InvalidValue(_DOES_NOT_FIT)
    return [[bool(dark) for dark in row] for row in qr.get_matrix()]


def _runs(y: int, row: list[bool]) -> str:
    """One line of an SVG path: a rectangle for each run of dark modules."""
    path, x = "", 0
    for dark, run in groupby(row):
        width = len(list(run))
        path += f"M{x} {y}h{width}v1h-{width}z" if dark else ""
        x += width
    return path
