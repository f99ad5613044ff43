"""What makes the start of the application quick changes nothing of what it answers and describes."""

from copy import deepcopy

import pytest
from litestar import Litestar, Router, get
from litestar.testing import TestClient

from adapters.http.policy import Policy
from adapters.http.routers import OnlyHere
from adapters.http.routes import route


@get("/there")
async def there() -> str:
    return "here"


def test_a_router_of_one_application_is_taken_in_as_it_is() -> None:
    only_here = OnlyHere("/api", route_handlers=[there])

    with TestClient(Litestar([only_here], openapi_config=None)) as client:
        assert client.get("/api/there").text == "here"


def test_a_router_of_one_application_goes_into_no_other() -> None:
    only_here = OnlyHere("/api", route_handlers=[there])
    Litestar([only_here], openapi_config=None)

    with pytest.raises(AssertionError, match="has it already"):
        Litestar([only_here], openapi_config=None)


def test_a_router_as_litestar_has_it_is_copied_for_each() -> None:
    """The control: such a one may be shared, and that is what the copy is for."""
    shared = Router("/api", route_handlers=[there])

    for _ in range(2):
        Litestar([shared], openapi_config=None)

    assert shared.owner is None


def test_what_a_route_may_refuse_with_is_written_out_by_status() -> None:
    refusals = route(Policy.ANYONE, "Look", "sold_out", "hold_expired")["responses"]

    assert deepcopy(refusals) is refusals
    assert list(refusals) == sorted(refusals) == [400, 403, 409, 500, 503]
    assert [example.summary for example in refusals[409].examples] == ["sold_out", "hold_expired"]
    assert refusals[409].description == "`sold_out`, `hold_expired`"


def test_a_problem_that_nobody_knows_stops_the_start() -> None:
    with pytest.raises(KeyError, match="no_such_problem"):
        route(Policy.ANYONE, "Look", "no_such_problem")
