"""Where identity documents are between their upload and their end: cleaned, sealed, stored, opened, destroyed."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from attrs import evolve, field, frozen

from application.errors import NotFound
from application.ids import Ids
from application.ports.clock import Clock
from application.ports.envelopes import Envelopes
from application.ports.keyed_hash import KeyedHash
from application.ports.object_store import ObjectMissing, ObjectStore, StoredObject
from application.ports.pictures import PictureRefused, Pictures
from domain.identity_document import (
    DocumentFile,
    DocumentGone,
    DocumentType,
    IdentityDocument,
    SealedNumber,
    Side,
    check_sides,
    document_number,
    masked_number,
)
from domain.ids import AccountId, KycDocumentId, KycRequestId

DOCUMENTS: Final = "private/kyc/"
FILE_BYTES_MAX: Final = 10 * 1024 * 1024
PDF: Final = "application/pdf"
_SEALED: Final = "application/octet-stream"
_PDF_HEAD: Final = b"%PDF-"
_PDF_END: Final = b"%%EOF"
_PDF_TAIL_BYTES: Final = 2_048
_FINGERPRINT: Final = "document-number"


@frozen
class DocumentUpload:
    """What an applicant hands in: one document, each of its sides in a file."""

    type: DocumentType
    number: str = field(repr=False)
    sides: tuple[tuple[Side, bytes], ...] = field(repr=False)


@frozen
class DocumentCustody:
    """Only here are documents in clear, and only in memory."""

    clock: Clock
    ids: Ids
    pictures: Pictures
    objects: ObjectStore
    envelopes: Envelopes
    hashes: KeyedHash

    async def take_in(
        self, account_id: AccountId, request_id: KycRequestId, upload: DocumentUpload
    ) -> IdentityDocument:
        """Seal and store what was handed in; InvalidValue if it is no such document. The caller adds its record."""
        check_sides(upload.type, tuple(side for side, _ in upload.sides))
        number = document_number(upload.type, upload.number)
        cleaned = [(side, await self._clean(data)) for side, data in upload.sides]
        document = IdentityDocument(
            id=KycDocumentId(self.ids.new("kyd")),
            request_id=request_id,
            account_id=account_id,
            type=upload.type,
            masked=masked_number(upload.type, number),
            fingerprint=self.hashes.of(_FINGERPRINT, f"{upload.type}/{number}"),
            number=None,
            files=tuple(self._file(account_id, side, content) for side, content in cleaned),
            added_at=self.clock.now(),
        )
        return await self._sealed(document, number, [content.data for _, content in cleaned])

    async def _clean(self, data: bytes) -> StoredObject:
        """Decided by the content. Pictures are written anew; a PDF stays as it is, and no page of ours shows it."""
        if len(data) > FILE_BYTES_MAX:
            raise PictureRefused(f"a file has at most {FILE_BYTES_MAX // 1024**2} MB")
        if not data.startswith(_PDF_HEAD):
            return await self.pictures.clean(data)
        if _PDF_END not in data[-_PDF_TAIL_BYTES:]:
            raise PictureRefused("the PDF is incomplete: export it again and retry")
        return StoredObject(data, PDF)

    def _file(self, account_id: AccountId, side: Side, content: StoredObject) -> DocumentFile:
        object_key = f"{DOCUMENTS}{account_id}/{self.ids.new('kyf')}.bin"
        return DocumentFile(side, object_key, content.media_type, len(content.data), None)

    async def _sealed(self, document: IdentityDocument, number: str, contents: Sequence[bytes]) -> IdentityDocument:
        """Store the sealed files, and note their keys. What goes wrong leaves noise behind, whose keys nobody has."""
        sealed_number = SealedNumber(*await self.envelopes.seal(document.number_seal, number.encode()))
        files = []
        for file, content in zip(document.files, contents, strict=True):
            sealed, key = await self.envelopes.seal(document.file_seal(file), content)
            await self.objects.put(file.object_key, StoredObject(sealed, _SEALED))
            files.append(evolve(file, key=key))
        return evolve(document, number=sealed_number, files=tuple(files))

    async def read(self, document: IdentityDocument, file: DocumentFile) -> StoredObject:
        """In clear; DocumentGone if it was destroyed, SealBroken if somebody changed it."""
        if file.key is None:
            raise DocumentGone("this document was destroyed")
        try:
            stored = await self.objects.get(file.object_key)
        except ObjectMissing:
            raise NotFound("the file is not there") from None
        return StoredObject(await self.envelopes.open(document.file_seal(file), stored.data, file.key), file.media_type)

    async def rewrap(self, document: IdentityDocument) -> IdentityDocument:
        """The same, wrapped by the current key; itself if it is already."""
        current = await self.envelopes.current_key_id()
        if all(key.key_id == current for key in document.keys):
            return document
        fresh = {}
        if document.number is not None:
            key = document.number.key
            fresh[key] = await self.envelopes.rewrap(document.number_seal, key)
        for file in document.files:
            if file.key is not None:
                fresh[file.key] = await self.envelopes.rewrap(document.file_seal(file), file.key)
        return document.rewrapped(fresh)

    async def remove_files(self, documents: Sequence[IdentityDocument]) -> None:
        """Take the sealed files away: of a document that was never stored, or whose keys are destroyed."""
        for document in documents:
            for file in document.files:
                with suppress(ObjectMissing):
                    await self.objects.delete(file.object_key)
