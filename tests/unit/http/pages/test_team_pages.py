"""The pages of a team: asked by its organizer, accepted by the person, withdrawn again."""

from application.records import TeamRole
from tests.support.mailed_links import link_in
from tests.support.page_stage import PageStage

HELPER = "helper@example.com"


async def test_somebody_is_asked_says_yes_and_is_withdrawn(pages: PageStage) -> None:
    owner, helper = await pages.world.organizer(), await pages.world.person(email=HELPER)
    event = await pages.world.event(owner, published=False)
    organizer, person = await pages.signed_in(owner), await pages.signed_in(helper)
    path = f"/organizer/events/{event.id}/team"

    await organizer.open(path)
    await organizer.press("Ask as co-organizer", email=HELPER)
    await pages.world.settle()
    assert HELPER in (await organizer.open(path)).text
    await person.open(f"/join-team?token={link_in(pages.world, HELPER, 'join-team')}")
    assert (await person.open(f"/events/{event.id}")).status_code == 404, "looking at the link says nothing"
    await person.open(f"/join-team?token={link_in(pages.world, HELPER, 'join-team')}")
    await person.press("Say yes")

    assert person.response.headers["location"] == f"/events/{event.id}"
    assert (await person.open(f"/events/{event.id}")).status_code == 200
    assert path in (await person.open("/organizer")).text
    assert path in (await organizer.open("/organizer")).text
    name = helper.signed_in().name
    await organizer.open(path)
    await organizer.press(f"Withdraw the role of {name}")
    assert (await person.open(f"/events/{event.id}")).status_code == 404


async def test_a_co_organizer_is_told_that_only_the_organizer_names_others(pages: PageStage) -> None:
    helper = await pages.world.person()
    event = await pages.world.event()
    await pages.world.let(event, helper, TeamRole.CO_ORGANIZER)
    browser = await pages.signed_in(helper)

    await browser.open(f"/organizer/events/{event.id}/team")
    await browser.press("Ask as co-organizer", email=HELPER)

    assert browser.response.status_code == 403
    assert "This is for the event&#39;s organizer" in browser.response.text
    assert not pages.world.mailbox.to(HELPER)


async def test_a_stranger_to_the_event_finds_no_team(pages: PageStage) -> None:
    event = await pages.world.event()

    answer = await (await pages.signed_in(await pages.world.organizer())).open(f"/organizer/events/{event.id}/team")

    assert answer.status_code == 404
