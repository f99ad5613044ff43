"""The OpenAPI description of our routes: made from them, with the examples that our bodies and views carry."""

from typing import Any, Final, get_args, get_origin

import msgspec
from litestar import Router
from litestar._openapi.schema_generation.plugins.struct import StructSchemaPlugin  # no public name exists
from litestar.enums import MediaType
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, YamlRenderPlugin
from litestar.openapi.spec import Components, License, Schema, SecurityScheme, Server, Tag
from litestar.routes import BaseRoute
from litestar.types import ControllerRouterHandler
from litestar.typing import FieldDefinition

from adapters.http.authentication import cookie_name
from adapters.http.policy import Policy

_DESCRIPTION: Final = """Sell places at events, take money for them, and open doors.

**Errors** are `application/problem+json` (RFC 9457) with a stable `code`.
**Lists** come in pages: pass `next_cursor` as `cursor` for the next one.
**Repeating a request** is safe with an `Idempotency-Key`: the same key and body get the same answer,
marked `Idempotent-Replayed: true`; another body with that key is refused with 422.
**Money** is a text of major units in requests (`"25.00"`), and both forms in answers.
**Times** are RFC 3339 with an offset.
Sign in with `POST /api/v1/sessions` and send the token as `Authorization: Bearer …`.
Programs send an API key.
"""

_TAGS: Final = (
    Tag("Accounts", "Signing up, signing in, one's own profile"),
    Tag("Becoming an organizer", "The identity check, and its decision"),
    Tag("Administration", "Accounts of others, the ticket keys, what could not be done, and whether the money agrees"),
    Tag("Events", "What takes place, and what can be bought"),
    Tag("Bookings", "Holding places and paying for them"),
    Tag("API keys", "What lets programs act for somebody, each within its scopes"),
    Tag("Tickets", "Codes for the door"),
    Tag("Teams", "Who works at an event beside its organizer"),
    Tag("Door", "Scanning, the door log, and taking an entry back"),
    Tag("Reports", "Gross, fees, refunds, disputes and net, and every movement of money"),
    Tag("Webhooks", "What payment gateways tell us"),
    Tag("Operation", "Whether it works, and how much of it"),
)


class ExampleSchemas(StructSchemaPlugin):
    """Describes our bodies and views with the example that each class carries."""

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Schema:
        schema = super().to_openapi_schema(field_definition, schema_creator)
        example = example_of(field_definition.annotation)
        if example is not None:
            schema.examples = [example]
        return schema


def example_of(annotation: Any) -> dict[str, Any] | None:
    """The example of a body or view; of a page, one with one item."""
    origin = get_origin(annotation)
    if origin is None:
        found: dict[str, Any] | None = getattr(annotation, "EXAMPLE", None)
        return found
    if isinstance(origin, type) and issubclass(origin, msgspec.Struct):
        return {"items": [example_of(item) for item in get_args(annotation)], "next_cursor": None}
    return None


class _SchemaRouter(Router):
    """Serves the description and nothing else: what is missing is missed as anywhere else, and not as a page."""

    def register(self, value: ControllerRouterHandler) -> list[BaseRoute]:
        if isinstance(value, HTTPRouteHandler) and "/{path:str}" in value.paths:
            return []
        return super().register(value)


def openapi_config(base_url: str, version: str) -> OpenAPIConfig:
    """`/schema` is served as JSON, and as YAML beside it. It is made when it is first asked for."""
    return OpenAPIConfig(
        title="RelexBooking",
        version=version,
        description=_DESCRIPTION,
        license=License("Apache-2.0", identifier="Apache-2.0"),
        servers=[Server(base_url)],
        tags=list(_TAGS),
        use_handler_docstrings=True,
        components=Components(
            security_schemes={
                "key": SecurityScheme("http", scheme="bearer", description="An API key of that scope: `rlx_…`"),
                "bearer": SecurityScheme("http", scheme="bearer", description="The `token` of `POST /sessions`"),
                "cookie": SecurityScheme(
                    "apiKey",
                    name=cookie_name(base_url),
                    security_scheme_in="cookie",
                    description="For our own pages: changes are taken from this site only",
                ),
            }
        ),
        openapi_router=_SchemaRouter(
            "/schema", route_handlers=[], opt={"policy": Policy.ANYONE}, include_in_schema=False
        ),
        render_plugins=[
            JsonRenderPlugin(path=["/", "/openapi.json"], media_type=MediaType.JSON),
            YamlRenderPlugin(path="/openapi.yaml"),
        ],
    )
