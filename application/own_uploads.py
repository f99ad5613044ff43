"""Links to ourselves, for object stores that take nothing past us."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from attrs import frozen

from application.errors import NotFound
from application.ports.clock import Clock
from application.ports.object_store import ObjectStore, StoredObject, media_type_of
from application.ports.upload_links import ExpectedFile, UploadLink
from application.ports.vault import SealBroken, Vault
from domain.errors import InvalidValue

_SEAL: Final = "upload"
_NOT_OURS: Final = "no such upload: its link is not ours, or its time is over"


@frozen
class OwnUploads:
    """UploadLinks: what a link is for is sealed into it, so that nothing has to be stored until the file comes."""

    vault: Vault
    clock: Clock
    objects: ObjectStore
    address: str
    """What the sealed part is appended to, as `https://tickets.example/api/v1/uploads/`."""

    async def upload_link(self, expected: ExpectedFile, life: timedelta) -> UploadLink:
        """See UploadLinks."""
        media_type = media_type_of(expected.key)
        words = [expected.key, expected.size, expected.sha256.hex(), (self.clock.now() + life).isoformat()]
        sealed = self.vault.seal(_SEAL, json.dumps(words).encode())
        return UploadLink(self.address + urlsafe_b64encode(sealed).decode(), {"content-type": media_type})

    async def receive(self, sealed: str, data: bytes) -> None:
        """Keep what came by such a link; NotFound unless it still holds, InvalidValue if another file was announced."""
        expected = self._opened(sealed)
        if len(data) != expected.size:
            raise InvalidValue(f"{expected.size} bytes were announced, and {len(data)} came")
        if sha256(data).digest() != expected.sha256:
            raise InvalidValue("these are not the bytes whose SHA-256 was announced")
        await self.objects.put(expected.key, StoredObject(data, media_type_of(expected.key)))

    def _opened(self, sealed: str) -> ExpectedFile:
        try:
            raw = urlsafe_b64decode(sealed)
            words = self.vault.open(_SEAL, raw)
        except (ValueError, SealBroken):
            raise NotFound(_NOT_OURS) from None
        if urlsafe_b64encode(raw).decode() != sealed:  # Decoding overlooks what is no letter of it.
            raise NotFound(_NOT_OURS)
        key, size, digest, ends_at = json.loads(words)
        if self.clock.now() >= datetime.fromisoformat(ends_at):
            raise NotFound(_NOT_OURS)
        return ExpectedFile(key, size, bytes.fromhex(digest))
