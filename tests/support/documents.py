"""Identity documents of nobody: numbers that fit, and files that are small."""

from typing import Any, Final

from application.document_custody import DocumentUpload
from domain.identity_document import DocumentType, Side

AADHAAR: Final = "234123412346"
"""Twelve digits whose last one checks the others by Verhoeff."""
PAN: Final = "AAAPA1234A"
PASSPORT: Final = "L898902C3"
"""Of the specimen in ICAO Doc 9303."""
PDF: Final = b"%PDF-1.4\n% a scan\n%%EOF\n"


def scan(words: bytes) -> bytes:
    """A PDF in which these bytes stand."""
    return b"%PDF-1.4\n" + words + b"\n%%EOF\n"


def passport(number: str = PASSPORT, content: bytes = PDF) -> DocumentUpload:
    return DocumentUpload(DocumentType.PASSPORT, number, ((Side.FRONT, content),))


def aadhaar(number: str = AADHAAR, content: bytes = PDF) -> DocumentUpload:
    return DocumentUpload(DocumentType.AADHAAR, number, ((Side.FRONT, content), (Side.BACK, content)))


def form(number: str = PASSPORT, content: bytes = PDF, **more: str) -> dict[str, Any]:
    """What httpx sends as a form with a file."""
    fields = {"legal_name": "Asha Rao", "document_type": "passport", "number": number, **more}
    return {"data": fields, "files": {"front": ("scan.pdf", content, "application/pdf")}}
