"""Where one is signed in, on our pages, in a browser without scripts."""

import re

from tests.support.page_audit import faults_of
from tests.support.page_stage import PageStage


async def test_a_lost_device_is_signed_out_from_another(pages: PageStage) -> None:
    buyer = await pages.world.person()
    lost, here = await pages.signed_in(buyer), await pages.signed_in(buyer)
    await here.open("/me/security")
    assert "/me/sessions" in here.response.text
    await here.open("/me/sessions")
    assert faults_of(here.response.text) == []
    assert here.response.text.count("(here)") == 1

    await here.press("Sign out a Python program")

    assert (await lost.open("/me")).status_code == 303
    assert (await here.open("/me")).status_code == 200


async def test_one_button_signs_out_everywhere_but_here(pages: PageStage) -> None:
    buyer = await pages.world.person()
    others = [await pages.signed_in(buyer) for _ in range(2)]
    here = await pages.signed_in(buyer)
    await here.open("/me/sessions")

    await here.press("Sign out everywhere else")

    assert [(await other.open("/me")).status_code for other in others] == [303, 303]
    assert len(re.findall("<h2>", (await here.open("/me/sessions")).text)) == 1


async def test_signing_out_here_leads_away(pages: PageStage) -> None:
    here = await pages.signed_in(await pages.world.person())
    await here.open("/me/sessions")

    assert (await here.press("Sign out here")).endswith("/")
    assert (await here.open("/me")).status_code == 303


async def test_a_place_that_is_not_there_is_told_on_the_page(pages: PageStage) -> None:
    here = await pages.signed_in(await pages.world.person())

    answer = await here.client.post("/me/sessions/end", data={"session": "ses_" + "0" * 26})

    assert answer.status_code == 404
    assert faults_of(answer.text) == []
