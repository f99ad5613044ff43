"""What people see and do about their own data, without a script."""

from datetime import timedelta

from application.use_cases.sign_in import SignInCommand
from tests.support.page_stage import FORM, PageStage, Shown
from tests.support.world import PASSWORD


async def test_a_file_of_everything_comes_at_the_press_of_a_button(pages: PageStage) -> None:
    buyer = await pages.world.person()
    browser = await pages.signed_in(buyer)
    await browser.open("/me/data")

    await browser.press("Get it as a file")

    assert browser.response.headers["content-disposition"] == 'attachment; filename="personal-data.json"'
    assert browser.response.headers["cache-control"] == "no-store"
    assert browser.response.json()["records"]["account"][0]["id"] == buyer.name
    pages.world.clock.advance(timedelta(minutes=16))
    await browser.open("/me/data")
    await browser.press("Get it as a file")
    assert browser.response.headers["location"] == "/me/confirm?next=%2Fme%2Fdata"


async def test_a_box_that_is_not_ticked_says_no(pages: PageStage) -> None:
    buyer = await pages.world.person()
    browser = await pages.signed_in(buyer)
    for answer in (b"marketing=yes", b""):
        await browser.open("/me/data")
        await pages.clients[-1].post("/me/data/consent", content=answer, headers={"content-type": FORM})
        pages.world.clock.advance(1)

    given = await pages.world.deeds.give_consent.mine(buyer)

    assert [(one.marketing, one.place) for one in given] == [(False, "page"), (True, "page")]
    assert "checked" not in (await browser.open("/me/data")).text


async def test_signing_up_asks_and_does_not_presume(pages: PageStage) -> None:
    world = pages.world
    for number, ticked in enumerate(({}, {"marketing": "yes"})):
        email = f"new{number}@example.com"
        form = {"name": "New", "email": email, "password": PASSWORD, **ticked}
        browser = pages.browser()
        assert "checked" not in (await browser.open("/signup")).text
        await pages.clients[-1].post("/signup", data=form)

        [given] = await world.deeds.give_consent.of(world.operator, email)
        assert (given.marketing, given.place) == (bool(ticked), "page")


async def test_who_is_needed_is_told_so_and_who_is_not_types_the_address(pages: PageStage) -> None:
    shown = await Shown.on(pages)
    browser = await pages.signed_in(shown.buyer)
    assert shown.booking.id in (await browser.open("/me/data")).text
    assert "Erase my account" not in browser.response.text

    free = await pages.world.person()
    browser = await pages.signed_in(free)
    await browser.open("/me/data")
    await browser.press("Erase my account", confirm="someone@example.com")
    assert browser.response.status_code == 409
    await browser.press("Erase my account", confirm=free.signed_in().email)

    assert browser.response.headers["location"] == "/"
    assert (await browser.open("/me")).headers["location"].startswith("/sign-in")


async def test_a_temporary_password_leads_to_the_choice_of_another_and_back(pages: PageStage) -> None:
    buyer = await pages.world.person()
    email = buyer.signed_in().email
    password = (await pages.world.deeds.give_temporary_password(pages.world.operator, buyer.name)).password
    browser = pages.browser()
    await browser.open("/sign-in?next=/bookings")
    await browser.press("Sign in", email=email, password=password)
    assert browser.response.headers["location"] == "/sign-in/password?next=%2Fbookings"

    blocked = await browser.open("/me/data")
    assert blocked.headers["location"] == "/sign-in/password?next=%2Fme%2Fdata"
    await browser.open("/sign-in/password?next=%2Fbookings")
    await browser.press("Set the password", password=password)
    assert browser.response.status_code == 400
    await browser.press("Set the password", password="an entirely new password")

    assert browser.response.headers["location"] == "/bookings"
    assert (await browser.open("/bookings")).status_code == 200
    again = await pages.world.deeds.sign_in(SignInCommand(email, "an entirely new password"))
    assert not again.account.must_change_password
