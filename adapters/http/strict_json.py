"""Request bodies, read strictly: "3" is no 3, an unknown field is refused.

Litestar on its own converts bodies leniently (a text that looks like a number becomes one). Its DTO seam is where
a body can be read otherwise, and the OpenAPI description still shows the type.
"""

from collections.abc import Generator
from typing import Any, ClassVar, Final

import msgspec
from attrs import frozen
from litestar.dto import AbstractDTO, DTOConfig, DTOFieldDefinition
from litestar.exceptions import HTTPException
from litestar.openapi.spec import Reference, Schema
from litestar.status_codes import HTTP_415_UNSUPPORTED_MEDIA_TYPE
from litestar.typing import FieldDefinition

from adapters.http.call import header
from adapters.http.views import Body

_JSON: Final = "application/json"


@frozen
class StrictReader:
    """Reads the bodies of one route."""

    _decoder: msgspec.json.Decoder[Any]

    def read(self, content_type: str, body: bytes) -> Any:
        """The body as its type; HTTPException 415 unless it is said to be JSON, msgspec's errors if it is wrong."""
        # A browser sends another site's form without asking first, but never as JSON.
        if content_type != _JSON and content_type.partition(";")[0].strip().lower() != _JSON:
            raise HTTPException("send JSON, as application/json", status_code=HTTP_415_UNSUPPORTED_MEDIA_TYPE)
        try:
            return self._decoder.decode(body)
        except UnicodeDecodeError as error:
            raise msgspec.DecodeError("JSON is malformed: it is not UTF-8") from error


class StrictJson(AbstractDTO[Body]):
    """Reads the JSON body of every handler whose `data` is a Body."""

    config = DTOConfig()
    model_type = Body
    _readers: ClassVar[dict[str, StrictReader]] = {}

    @classmethod
    def reader_of(cls, handler_id: str) -> StrictReader:
        """What reads the bodies of a handler whose `data` this class was made for."""
        return cls._readers[handler_id]

    @classmethod
    def is_supported_model_type_field(cls, field_definition: FieldDefinition) -> bool:
        return field_definition.is_subclass_of(Body)

    @classmethod
    def create_for_field_definition(
        cls, field_definition: FieldDefinition, handler_id: str, backend_cls: type[Any] | None = None
    ) -> None:
        assert backend_cls is None, "Litestar's own backends are not used"
        cls._readers[handler_id] = StrictReader(msgspec.json.Decoder(field_definition.annotation))

    def decode_bytes(self, value: bytes) -> Any:
        connection = self.asgi_connection
        reader = self._readers[connection.route_handler.handler_id]
        return reader.read(header(connection.scope, b"content-type"), value)

    @classmethod
    def create_openapi_schema(
        cls, field_definition: FieldDefinition, handler_id: str, schema_creator: Any
    ) -> Reference | Schema:
        assert handler_id in cls._readers, "only what is read is described"
        schema: Reference | Schema = schema_creator.for_field_definition(field_definition)
        return schema

    @classmethod
    def generate_field_definitions(
        cls,
        model_type: type[Any],  # noqa: ARG003 - Litestar's signature
    ) -> Generator[DTOFieldDefinition, None, None]:
        """Unused: bodies are decoded whole."""
        yield from ()

    @classmethod
    def detect_nested_field(cls, field_definition: FieldDefinition) -> bool:  # noqa: ARG003 - Litestar's signature
        """Unused: bodies are decoded whole."""
        return False
