"""Looking at somebody's identity document: by a link that is short-lived and of one session, and written down."""

from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Final

from attrs import frozen

from application.access import Actor
from application.document_custody import DocumentCustody
from application.errors import NotFound
from application.kind import microseconds
from application.ports.clock import Clock
from application.ports.keyed_hash import KeyedHash
from application.ports.object_store import StoredObject
from application.work import Begin, Work
from domain.account import NotAllowed, Role
from domain.errors import InvalidValue
from domain.identity_document import DocumentFile, DocumentGone, IdentityDocument

LINK_LIFE: Final = timedelta(seconds=60)
REASON_MAX: Final = 200
READ_BY_REVIEWER: Final = "kyc.document.read"
READ_BY_SUBJECT: Final = "kyc.document.read_own"
_PURPOSE: Final = "document-link"


@frozen
class DocumentLink:
    """What a link carries. Its proof covers the file, the session, the reason and the end."""

    document_id: str
    side: str
    expires_at: datetime
    reason: str
    proof: str


class LinkRefused(NotAllowed):
    """The link is over, or was made for another session."""

    code = "document_link_refused"


@frozen
class ReadDocument:
    """Give a link to a file, and the file for the link."""

    begin: Begin
    clock: Clock
    custody: DocumentCustody
    hashes: KeyedHash
    link_life: timedelta = LINK_LIFE

    async def link(self, actor: Actor, document_id: str, side: str, reason: str) -> DocumentLink:
        """For its subject, or for a reviewer who says why and gave a password or a factor just now.

        It works in the session of this call alone.
        """
        document, file = await self._find(self.begin(), actor, document_id, side)
        if not _is_subject(actor, document):
            actor.check_fresh(self.clock.now())
        said = _checked_reason(actor, document, reason)
        expires_at = self.clock.now().replace(microsecond=0) + self.link_life
        proof = self._proof(actor, document.id, file.side, expires_at, said)
        return DocumentLink(document.id, file.side, expires_at, said, proof)

    async def follow(self, actor: Actor, link: DocumentLink) -> StoredObject:
        """The file in clear; who read it, and why, is written down first."""
        proof = self._proof(actor, link.document_id, link.side, link.expires_at, link.reason)
        if not compare_digest(proof.encode(), link.proof.encode(errors="replace")):
            raise LinkRefused("this link is not of this session: open the document again")
        if self.clock.now() >= link.expires_at:
            raise LinkRefused("this link is over: open the document again")
        return await self._read(actor, link.document_id, link.side, link.reason)

    async def at_desk(self, actor: Actor, document_id: str, side: str, reason: str) -> StoredObject:
        """For an operator with a shell, who has no session; the reason is a must all the same."""
        if not actor.is_trusted:
            raise NotAllowed("ask for a link")
        return await self._read(actor, document_id, side, reason)

    async def _read(self, actor: Actor, document_id: str, side: str, reason: str) -> StoredObject:
        async with self.begin() as work:
            document, file = await self._find(work, actor, document_id, side)
            said = _checked_reason(actor, document, reason)
            content = await self.custody.read(document, file)
            action = READ_BY_SUBJECT if _is_subject(actor, document) else READ_BY_REVIEWER
            # Kept in words, since there is no other place for them: why somebody looked is what the record is for.
            work.audit(actor, action, document.id, f"{file.side}: {said}" if said else file.side)
            # Nobody sees what could not be written down.
            await work.commit()
        return content

    async def _find(
        self, work: Work, actor: Actor, document_id: str, side: str
    ) -> tuple[IdentityDocument, DocumentFile]:
        """NotFound for those who may not: a document of others and none at all look the same."""
        document = await work.kyc_documents.find(document_id)
        actor.check(Role.USER)
        if document is None or not (_is_subject(actor, document) or actor.has(Role.ADMIN)):
            raise NotFound("no such document")
        file = document.file(side)
        if file is None:
            raise NotFound("the document has no such side")
        if file.key is None:
            raise DocumentGone("this document was destroyed")
        return document, file

    def _proof(self, actor: Actor, document_id: str, side: str, expires_at: datetime, reason: str) -> str:
        if actor.session is None:
            raise LinkRefused("a link belongs to a session: sign in")
        parts = (document_id, side, actor.name, actor.session.id, str(microseconds(expires_at)), reason)
        return self.hashes.of(_PURPOSE, "\n".join(parts))


def _is_subject(actor: Actor, document: IdentityDocument) -> bool:
    return actor.is_person(document.account_id)


def _checked_reason(actor: Actor, document: IdentityDocument, reason: str) -> str:
    said = " ".join(reason.split())
    if len(said) > REASON_MAX or not said.isprintable():
        raise InvalidValue(f"a reason has at most {REASON_MAX} characters, on one line")
    if not said and not _is_subject(actor, document):
        raise InvalidValue("say why you look at this document: it is written down")
    return said
