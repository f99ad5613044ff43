"""What may stand in a body or a query: each with its bounds, which the OpenAPI description shows too."""

from datetime import datetime
from typing import Annotated, Final

import msgspec
from litestar.params import QueryParameter

_PRINTABLE: Final = "^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
"""No control characters but tab and line ends: some stores cannot keep the others."""
_ONE_LINE: Final = "^[^\x00-\x1f\x7f]*$"

Identifier = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern="^[!-~]*$")]
ShortText = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=_ONE_LINE)]
OptionalText = Annotated[str, msgspec.Meta(max_length=200, pattern=_ONE_LINE)]
Notes = Annotated[str, msgspec.Meta(max_length=2_000, pattern=_PRINTABLE)]
LongText = Annotated[str, msgspec.Meta(max_length=20_000, pattern=_PRINTABLE)]
Email = Annotated[str, msgspec.Meta(min_length=3, max_length=254, pattern=_ONE_LINE)]
Password = Annotated[str, msgspec.Meta(min_length=1, max_length=1_024)]
Phone = Annotated[str, msgspec.Meta(max_length=40, pattern=_ONE_LINE)]
Secret = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern="^[!-~]*$")]
"""What a link in a mail carries."""
SignInCode = Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=_ONE_LINE)]
"""Of an authenticator app or for recovery, however it was typed."""
PasskeyName = Annotated[str, msgspec.Meta(min_length=1, max_length=60, pattern=_ONE_LINE)]
KeyName = Annotated[str, msgspec.Meta(min_length=1, max_length=60, pattern=_ONE_LINE)]
Gate = Annotated[str, msgspec.Meta(min_length=1, max_length=60, pattern=_ONE_LINE)]

Price = Annotated[str, msgspec.Meta(min_length=1, max_length=20, pattern=r"^\d{1,14}(\.\d{1,3})?$")]
"""In major units, as a text: no float ever holds money."""
PromoText = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=_ONE_LINE)]
"""A promotion code as it was typed. What spells none is answered like one that does not exist."""
Currency = Annotated[str, msgspec.Meta(min_length=3, max_length=3, pattern="^[A-Z]{3}$")]
TaxName = Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=_ONE_LINE)]
BasisPoints = Annotated[int, msgspec.Meta(ge=0, le=10_000)]
Capacity = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
Quantity = Annotated[int, msgspec.Meta(ge=1, le=20)]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]

# Litestar overlooks msgspec's bounds in a query: there they are its own.
Limit = Annotated[int, QueryParameter(ge=1, le=100, description="How many items at most")]
Cursor = Annotated[str | None, QueryParameter(max_length=400, description="The `next_cursor` of the page before")]
SearchWords = Annotated[str, QueryParameter(max_length=200, pattern=_ONE_LINE)]
