"""The inbox and the comparison of the books over HTTP, and what monitoring sees of them."""

import pytest
from attrs import evolve

from application.ports.payment_gateway import ChargeState, Sought
from application.queries.announcements import WITHIN
from domain.account import Role
from tests.support.http_stage import Stage, counts
from tests.support.planted_money import Planting
from tests.unit.application.test_announcements import sell
from tests.unit.application.test_inbox import begun, set_apart, tell

DAY = {"first_day": "2026-11-22", "last_day": "2026-11-22"}


async def test_notices_are_listed_shown_and_replayed(stage: Stage) -> None:
    world, admin = stage.world, await stage.caller(Role.ADMIN)
    payment = await set_apart(world)
    await tell(world, b'{"id": "n", "kind": "payout.paid", "client_secret": "s3cr3t"}')

    [apart] = (await admin.get("/notices?state=quarantined&gateway=pocket")).json()["items"]
    shown = (await admin.get(f"/notices/{apart['id']}")).json()
    newest = (await admin.get("/notices?limit=1&since=2026-11-22T00:00:00Z")).json()
    hidden = await admin.get(f"/notices/{newest['items'][0]['id']}")
    world.bank.charges[payment.id] = evolve(world.bank.charges[payment.id], amount=payment.amount)
    replayed = await admin.post(f"/notices/{apart['id']}/replay")
    await world.settle()

    assert (apart["payment_id"], shown["body"]["payment_id"]) == (payment.id, payment.id)
    assert newest["next_cursor"]
    assert "s3cr3t" not in hidden.text
    assert (replayed.status_code, replayed.json()["state"]) == (200, "pending")
    assert (await admin.get("/notices?state=quarantined")).json()["items"] == []
    assert (await admin.get("/notices/ntc_none")).status_code == 404
    assert (await admin.get("/notices?state=lost")).status_code == 400


async def test_the_answer_to_a_webhook_does_not_wait_for_the_gateway(stage: Stage) -> None:
    payment = await begun(stage.world)
    stage.world.bank.becomes(payment.id, ChargeState.CAPTURED)
    headers, body = stage.world.bank.notice(payment.id)
    stage.world.bank.down = True
    asked = stage.world.bank.calls

    answers = [await stage.stranger.post("/webhooks/pocket", body, headers=headers) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert stage.world.bank.calls == asked
    assert (await stage.world.deeds.notices.standing()).pending == 1


async def test_if_it_waited_a_gateway_that_is_down_would_lose_the_notice(stage: Stage) -> None:
    """The control: asked inside the request, the gateway's silence is the answer that the webhook gets."""
    payment = await begun(stage.world)
    headers, body = stage.world.bank.notice(payment.id)
    stage.world.bank.down = True
    deed = stage.world.deeds.receive_notice
    keep = type(deed).__call__

    async def asking(self: object, name: str, *rest: object) -> None:
        await stage.world.bank.look_up(Sought(payment.id, "", payment.amount, payment.created_at))
        await keep(deed, name, *rest)  # type: ignore[arg-type]  # as it was called

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(deed), "__call__", asking)
        answer = await stage.stranger.post("/webhooks/pocket", body, headers=headers)

    assert answer.status_code == 503
    assert (await stage.world.deeds.notices.standing()).pending == 0


async def test_books_are_compared_once_for_each_key(stage: Stage) -> None:
    admin = await stage.caller(Role.ADMIN)
    await (await Planting.of(stage.world)).plant("foreign")

    assert (await admin.post("/reconciliations", DAY)).json()["code"] == "idempotency_key_required"
    first = await admin.post("/reconciliations", DAY, key="mine")
    asked = stage.world.bank.calls
    again = await admin.post("/reconciliations", DAY, key="mine")
    other = await admin.post("/reconciliations", {**DAY, "gateway": "pocket"}, key="mine")

    assert (first.status_code, first.json()["finished"], first.json()["days"][0]["findings"]) == (201, True, 1)
    assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")
    assert stage.world.bank.calls == asked
    assert other.json()["code"] == "idempotency_key_reused"
    [day] = (await admin.get("/reconciliations?gateway=pocket")).json()["items"]
    assert day["id"] == "pocket/2026-11-22"


async def test_what_makes_no_sense_to_compare_is_refused(stage: Stage) -> None:
    admin = await stage.caller(Role.ADMIN)

    for body, status in (
        ({**DAY, "gateway": "nobody"}, 404),
        ({**DAY, "first_day": "2026-11-23"}, 400),
        ({"first_day": "2026-11-23", "last_day": "2026-11-23"}, 400),
        ({**DAY, "first_day": "yesterday"}, 400),
    ):
        assert (await admin.post("/reconciliations", body, key="new")).status_code == status


async def test_findings_are_listed_and_decided_by_name(stage: Stage) -> None:
    admin = await stage.caller(Role.ADMIN)
    await (await Planting.of(stage.world)).plant("foreign")
    await admin.post("/reconciliations", DAY, key="new")

    [finding] = (await admin.get("/findings")).json()["items"]
    decision = f"/findings/{finding['id']}/decision"
    decided = await admin.post(decision, {"decision": "sold at the desk"})

    assert (decided.json()["status"], decided.json()["decided_by"]) == ("decided", admin.actor.name)
    assert (await admin.post(decision, {"decision": "no"})).status_code == 409
    assert (await admin.post(decision, {"decision": ""})).status_code == 400
    assert (await admin.get("/findings")).json()["items"] == []
    assert (await admin.get("/findings?status=decided")).json()["items"] == [decided.json()]
    assert (await admin.get(f"/findings/{finding['id']}")).json() == decided.json()
    assert (await admin.get("/findings/fnd_none")).status_code == 404


async def test_monitoring_sees_what_waits_what_is_open_and_who_fell_silent(stage: Stage) -> None:
    world, admin = stage.world, await stage.caller(Role.ADMIN)
    planting = await Planting.of(world)
    before = counts((await stage.stranger.get("/metrics")).text)
    payment = await begun(world)
    headers, body = world.bank.notice(payment.id)
    assert (await stage.stranger.post("/webhooks/pocket", body, headers={"signature": "forged"})).status_code == 400
    assert (await stage.stranger.post("/webhooks/nobody", body, headers=headers)).status_code == 404
    await sell(world, planting.event, announced=False)
    await planting.plant("foreign")
    await admin.post("/reconciliations", DAY, key="new")
    await set_apart(world)
    await stage.stranger.post("/webhooks/pocket", body, headers=headers)
    world.clock.advance(WITHIN)

    shown = counts((await stage.stranger.get("/metrics")).text)

    refused = 'relex_notices_refused_total{gateway="pocket"}'
    assert shown[refused] - before.get(refused, 0) == 1
    assert not any("nobody" in name for name in shown if "refused" in name)
    assert shown["relex_notices_pending"] == 1
    assert shown["relex_notices_set_apart"] == 1
    assert shown["relex_notices_oldest_pending_seconds"] == WITHIN.total_seconds()
    assert shown["relex_findings_open"] == 1
    assert shown['relex_payments_unannounced{gateway="pocket"}'] == 1
