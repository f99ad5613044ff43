from collections.abc import Mapping
from contextlib import suppress

from attrs import frozen

from application.errors import AlreadyExists
from application.gateways import Gateways
from application.ports.clock import Clock
from application.ports.vault import Vault
from application.records import NoticeReceipt, notice_id
from application.work import Begin
from domain.facts import NoticeReceived


@frozen
class ReceiveNotice:
    """Keep a gateway's genuine message, once, and let the relay apply it: no gateway is asked meanwhile.

    NoticeNotGenuine if its signature does not hold: nothing is kept.
    """

    begin: Begin
    clock: Clock
    gateways: Gateways
    vault: Vault

    async def __call__(self, gateway_name: str, headers: Mapping[str, str], body: bytes) -> None:
        gateway = self.gateways.named(gateway_name)
        now = self.clock.now()
        notice = gateway.notices.read(headers, body, now)
        receipt_id = notice_id(gateway.name, notice.account, notice.id)
        receipt = NoticeReceipt(
            id=receipt_id,
            gateway=gateway.name,
            kind=notice.kind,
            received_at=now,
            payment_id=notice.payment_id,
            refund_id=notice.refund_id,
            payment_reference=notice.payment_reference,
            account=notice.account,
            event_id=notice.id,
            body=self.vault.seal(receipt_id, body),
        )
        async with self.begin() as work:
            work.notices.add(receipt)
            work.tell(NoticeReceived(now, receipt.id))
            with suppress(AlreadyExists):  # Gateways deliver more than once.
                await work.commit()
