from collections.abc import Mapping
from contextlib import suppress

from attrs import frozen

from application.errors import AlreadyExists
from application.gateways import Gateways
from application.ports.clock import Clock
from application.records import NoticeReceipt
from application.work import Begin
from domain.facts import NoticeReceived


@frozen
class ReceiveNotice:
    """Keep a gateway's genuine message, once, and let the relay apply it.

    NoticeNotGenuine if its signature does not hold: nothing is kept.
    """

    begin: Begin
    clock: Clock
    gateways: Gateways

    async def __call__(self, gateway_name: str, headers: Mapping[str, str], body: bytes) -> None:
        gateway = self.gateways.named(gateway_name)
        now = self.clock.now()
        notice = gateway.notices.read(headers, body, now)
        receipt = NoticeReceipt(
            id=f"{gateway.name}/{notice.account}/{notice.id}",
            gateway=gateway.name,
            kind=notice.kind,
            received_at=now,
            payment_id=notice.payment_id,
            refund_id=notice.refund_id,
            payment_reference=notice.payment_reference,
            body=body,
        )
        async with self.begin() as work:
            work.notices.add(receipt)
            work.tell(NoticeReceived(now, receipt.id))
            with suppress(AlreadyExists):  # Gateways deliver more than once.
                await work.commit()
