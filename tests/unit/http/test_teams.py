"""Teams over HTTP: asked, accepted, used, withdrawn."""

from application.records import TeamRole
from tests.support.http_stage import Stage
from tests.support.mailed_links import link_in

HELPER = "helper@example.com"


async def test_a_co_organizer_is_asked_joins_edits_and_is_withdrawn(stage: Stage) -> None:
    organizer = await stage.organizer()
    event = await stage.world.event(organizer.actor)
    helper = await stage.signed_in(await stage.world.person(email=HELPER))
    path = f"/events/{event.id}"

    asked = await organizer.post(f"{path}/team/invitations", {"email": HELPER, "role": "co_organizer"})
    waiting = (await organizer.get(f"{path}/team/invitations")).json()["items"]
    await stage.world.settle()
    joined = await helper.post("/team-invitations/acceptance", {"token": link_in(stage.world, HELPER, "join-team")})
    [member] = (await organizer.get(f"{path}/team")).json()["items"]
    [shared] = (await helper.get("/events/shared")).json()["items"]

    assert (asked.status_code, waiting) == (201, [asked.json()])
    assert (joined.status_code, joined.json()["role"]) == (200, "co_organizer")
    assert (member["account_id"], member["email"]) == (helper.actor.name, HELPER)
    assert (shared["role"], shared["event"]["id"]) == ("co_organizer", event.id)
    assert (await helper.patch(path, {"title": "Other"})).status_code == 200
    assert (await helper.get(f"{path}/report")).status_code == 200
    assert (await organizer.delete(f"{path}/team/{helper.actor.name}")).status_code == 204
    assert (await helper.patch(path, {"title": "Again"})).status_code == 404
    assert (await helper.get("/events/shared")).json()["items"] == []


async def test_a_co_organizer_who_organizes_elsewhere_neither_calls_off_nor_names_others(stage: Stage) -> None:
    event = await stage.world.event()
    helper = await stage.organizer()
    await stage.world.let(event, helper.actor, TeamRole.CO_ORGANIZER)
    path = f"/events/{event.id}"

    refused = [
        await helper.post(f"{path}/cancel", {"title": event.title}),
        await helper.post(f"{path}/publish"),
        await helper.delete(path),
        await helper.post(f"{path}/team/invitations", {"email": HELPER, "role": "co_organizer"}),
        await helper.delete(f"{path}/team/{helper.actor.name}"),
    ]
    asked = await helper.post(f"{path}/team/invitations", {"email": HELPER})

    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(403, "not_allowed")] * 5
    assert (asked.status_code, asked.json()["role"]) == (201, "door")


async def test_a_withdrawn_invitation_and_a_made_up_token_get_the_same_answer(stage: Stage) -> None:
    organizer = await stage.organizer()
    event = await stage.world.event(organizer.actor)
    helper = await stage.signed_in(await stage.world.person(email=HELPER))
    asked = (await organizer.post(f"/events/{event.id}/team/invitations", {"email": HELPER})).json()
    await stage.world.settle()

    await organizer.delete(f"/events/{event.id}/team/invitations/{asked['id']}")
    answers = [
        await helper.post("/team-invitations/acceptance", {"token": token})
        for token in (link_in(stage.world, HELPER, "join-team"), "made-up")
    ]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(400, "token_invalid")}
