"""Bodies are read strictly, and it is StrictJson that does it."""

from typing import Annotated, Any, ClassVar

import httpx
import msgspec
from litestar import Litestar, Router, post
from litestar.params import JSONBody

from adapters.http.problems import EXCEPTION_HANDLERS
from adapters.http.strict_json import StrictJson
from adapters.http.views import Body


class WishBody(Body, frozen=True):
    EXAMPLE: ClassVar = {"quantity": 3}

    quantity: Annotated[int, msgspec.Meta(ge=1)]


@post("/wish", status_code=200)
async def wish(data: JSONBody[WishBody]) -> dict[str, int]:
    return {"quantity": data.quantity}


async def _answer(body: bytes, **router: Any) -> httpx.Response:
    app: Any = Litestar(
        [Router("/", route_handlers=[wish], **router)], exception_handlers=EXCEPTION_HANDLERS, openapi_config=None
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        return await client.post("/wish", content=body, headers={"content-type": "application/json"})


async def test_a_text_that_looks_like_a_number_is_none() -> None:
    answer = await _answer(b'{"quantity": "1500"}', dto=StrictJson, return_dto=None)

    assert answer.status_code == 400
    assert answer.json()["detail"] == "Expected `int`, got `str` - at `$.quantity`"


async def test_litestar_alone_would_take_it_for_one() -> None:
    """The negative control: without our reader the text passes, and the test above sees that."""
    answer = await _answer(b'{"quantity": "1500"}')

    assert (answer.status_code, answer.json()) == (200, {"quantity": 1500})


async def test_what_is_right_passes() -> None:
    answer = await _answer(b'{"quantity": 1500}', dto=StrictJson, return_dto=None)

    assert (answer.status_code, answer.json()) == (200, {"quantity": 1500})
