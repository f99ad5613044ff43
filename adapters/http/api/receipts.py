"""Receipts of bookings, as PDF."""

from typing import Any, Final

from litestar import Controller, Response, get
from litestar.params import FromPath

from adapters.http.call import Call
from adapters.http.conditional import not_modified
from adapters.http.policy import Policy
from adapters.http.routes import route
from domain.api_key import Scope

PDF: Final = "application/pdf"
_KEPT: Final = {"Cache-Control": "private, no-cache"}
"""May be kept by its owner, and is asked about each time: a refund changes what it says."""


async def receipt_file(request: Call, booking_id: str) -> Response[bytes]:
    """The receipt, unless the caller has it."""
    receipt = await request.deeds.receipts.show(request.actor, booking_id)
    etag = f'"{receipt.fingerprint}"'
    known: Response[Any] | None = not_modified(request, etag, _KEPT)
    if known is not None:
        return known
    named = f'inline; filename="receipt-{receipt.booking.id}.pdf"'
    return Response(
        await request.deeds.receipt_drawer.pdf(receipt),
        media_type=PDF,
        headers={**_KEPT, "ETag": etag, "Content-Disposition": named},
    )


class ReceiptController(Controller):
    path = "/bookings/{booking_id:str}/receipt"
    tags = ("Bookings",)

    @get(
        "/",
        media_type=PDF,
        **route(Policy.BUYER, "The receipt of a booking", "not_found", "no_receipt", scope=Scope.BOOKINGS_READ),
    )
    async def fetch(self, request: Call, booking_id: FromPath[str]) -> Response[bytes]:
        """Of one that is or was confirmed, with the tax that is included, the payment, and what went back since."""
        return await receipt_file(request, booking_id)
