"""An identity document in a form: its type, its number, and a file for each side."""

from typing import Final

from litestar.exceptions import HTTPException

from adapters.http.uploads import Upload
from application.document_custody import FILE_BYTES_MAX, DocumentUpload
from domain.errors import InvalidValue
from domain.identity_document import NUMBER_TYPED_MAX, DocumentType, Side

BODY_BYTES_MAX: Final = len(Side) * FILE_BYTES_MAX + 64_000
"""Both sides, and what a form adds."""
FIELDS: Final = frozenset({"legal_name", "document_type", "number", *Side})


def document_in(form: Upload) -> DocumentUpload:
    """InvalidValue if something is missing or unknown; HTTPException 413 if a file is too large."""
    for name in (*form.fields, *form.files):
        if name not in FIELDS:
            raise InvalidValue(f"the form has an unknown field: {name[:60]!r}")
    for side, content in form.files.items():
        if side not in set(Side):
            raise InvalidValue(f"{side} is not a file")
        if len(content) > FILE_BYTES_MAX:
            raise HTTPException(f"a file has at most {FILE_BYTES_MAX // 1024**2} MB", status_code=413)
    if any(side in form.fields and form.fields[side] for side in Side):
        raise InvalidValue("send front and back as files")
    try:
        kind = DocumentType(form.words("document_type"))
    except ValueError:
        raise InvalidValue(f"document_type is one of {', '.join(DocumentType)}") from None
    sides = tuple((side, form.files[side]) for side in Side if side in form.files)
    return DocumentUpload(kind, form.words("number", NUMBER_TYPED_MAX), sides)
