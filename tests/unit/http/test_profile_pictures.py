"""The picture that somebody shows of themselves: made small and written anew, for everybody, and gone with them."""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from application.ports.object_store import ObjectMissing
from application.use_cases.edit_profile import EditProfileCommand
from application.use_cases.erase_account import EraseAccount
from application.use_cases.profile_pictures import SetOwnPicture
from domain.account import ERASED_NAME, Role
from tests.support import pictures
from tests.support.http_stage import Caller, Stage

PICTURE = pictures.png()
FAR_AHEAD = datetime(2100, 1, 1, tzinfo=UTC)


async def _show(caller: Caller, picture: bytes = PICTURE, kind: str = "image/png") -> httpx.Response:
    return await caller.call("PUT", "/me/picture", content=picture, headers={"content-type": kind})


async def _shown(stage: Stage, caller: Caller) -> str:
    """The address of the picture that somebody new shows."""
    answer = await _show(caller)
    assert answer.status_code == 200, answer.text
    path: str = answer.json()["picture"]
    assert (await stage.stranger.get(path)).status_code == 200
    return path


async def test_a_picture_is_shown_small_and_without_what_was_hidden_in_it(stage: Stage) -> None:
    person, file = await stage.caller(), BytesIO()
    Image.new("RGB", (1_500, 900), "red").save(file, "JPEG")

    path = (await _show(person, file.getvalue() + b"<script>alert(1)</script>", "image/jpeg")).json()["picture"]

    served = await stage.stranger.get(path)
    assert max(Image.open(BytesIO(served.content)).size) == 512
    assert b"script" not in served.content
    assert served.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert served.headers["x-content-type-options"] == "nosniff"
    assert (await stage.stranger.get(path, headers={"if-none-match": served.headers["etag"]})).status_code == 304
    assert (await person.get("/me")).json()["picture"] == path


async def test_another_picture_takes_the_place_of_the_one_before(stage: Stage) -> None:
    person = await stage.caller()
    earlier, path = await _shown(stage, person), await _shown(stage, person)

    assert earlier != path
    assert (await stage.stranger.get(earlier)).status_code == 404
    assert await _kept(stage, earlier) is False


async def test_no_picture_is_shown_any_more_when_it_is_taken_off(stage: Stage) -> None:
    person = await stage.caller()
    path = await _shown(stage, person)

    answers = [await person.delete("/me/picture") for _ in range(2)]

    assert [(answer.status_code, answer.json()["picture"]) for answer in answers] == [(200, None)] * 2
    assert (await stage.stranger.get(path)).status_code == 404
    assert await _kept(stage, path) is False


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/png", 400, "picture_refused"),
        (b"x", "image/svg+xml", 415, "unsupported_media_type"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * (2 * 1024 * 1024), "image/png", 413, "too_large"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * (3 * 1024 * 1024), "image/png", 413, "too_large"),
    ],
)
async def test_what_is_no_picture_is_refused(stage: Stage, content: bytes, kind: str, status: int, code: str) -> None:
    person = await stage.caller()
    path = await _shown(stage, person)

    answer = await _show(person, content, kind)

    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert (await person.get("/me")).json()["picture"] == path


async def test_nobody_shows_a_picture_under_the_name_of_another(stage: Stage) -> None:
    person, other = await stage.caller(), await stage.caller()
    path = await _shown(stage, person)
    name = path.rpartition("/")[2]

    names = {other.actor.signed_in().id: name, "acc_none": name, person.actor.signed_in().id: "..%2Fimg.png"}
    for account_id, asked in names.items():
        assert (await stage.stranger.get(f"/profiles/{account_id}/pictures/{asked}")).status_code == 404


async def test_whoever_is_disabled_shows_nothing_meanwhile(stage: Stage) -> None:
    person, admin = await stage.caller(), await stage.caller(Role.ADMIN)
    path = await _shown(stage, person)
    account = f"/accounts/{person.actor.signed_in().id}"

    assert (await admin.post(f"{account}/disable")).status_code == 200
    assert (await stage.stranger.get(path)).status_code == 404
    await admin.post(f"{account}/enable")
    assert (await stage.stranger.get(path)).status_code == 200


async def _erase(stage: Stage, person: Caller) -> None:
    erase: EraseAccount = stage.world.deeds.erase_account
    await erase(stage.world.operator, person.actor.signed_in().id)


async def test_a_picture_goes_with_its_person_and_so_does_what_a_crash_left(stage: Stage) -> None:
    person, other = await stage.caller(), await stage.caller()
    path, left, theirs = await _shown(stage, person), await _left_behind(stage, person), await _shown(stage, other)

    await _erase(stage, person)
    await stage.world.settle()

    assert (await stage.stranger.get(path)).status_code == 404
    assert [await _kept(stage, one) for one in (path, left)] == [False, False]
    assert (await stage.stranger.get(theirs)).status_code == 200


async def _left_behind(stage: Stage, person: Caller) -> str:
    """What a process stored that died before it was shown."""
    objects: Any = stage.world.container.objects()
    [key] = await objects.put_before(f"public/profiles/{person.actor.signed_in().id}/", FAR_AHEAD)
    left = key.replace(".", "x.")
    await objects.put(left, await objects.get(key))
    return str(left)


async def _kept(stage: Stage, path: str) -> bool:
    """Whether the object of an address or a key is still in the store."""
    key = path if path.startswith("public/") else path.replace("/api/v1/", "public/").replace("/pictures/", "/")
    try:
        await stage.world.container.objects().get(key)
    except ObjectMissing:
        return False
    return True


async def test_a_picture_that_comes_after_its_person_has_gone_is_found_and_goes(stage: Stage) -> None:
    """Its request was let in before the account was erased, and was done after."""
    person = await stage.caller()
    clean = stage.world.container.faces().clean

    class Late:
        async def clean(self, data: bytes) -> Any:
            await _erase(stage, person)
            return await clean(data)

    deed: SetOwnPicture = stage.world.deeds.set_own_picture
    await SetOwnPicture(deed.begin, deed.ids, Late(), deed.objects)(person.actor, PICTURE)
    account_id = person.actor.signed_in().id
    await stage.world.container.sweep_erased()()

    erased = await stage.world.deeds.accounts.show(stage.world.operator, account_id)
    assert erased.picture == ""
    assert list(await deed.objects.put_before(f"public/profiles/{account_id}/", FAR_AHEAD)) == []


async def test_a_name_that_comes_after_its_person_has_gone_is_forgotten_too(stage: Stage) -> None:
    person = await stage.caller()
    account_id = person.actor.signed_in().id
    await _erase(stage, person)

    await stage.world.deeds.edit_profile(person.actor, EditProfileCommand("Asha Rao", "+91 98765 43210"))
    await stage.world.container.sweep_erased()()

    erased = await stage.world.deeds.accounts.show(stage.world.operator, account_id)
    assert (erased.name, erased.phone) == (ERASED_NAME, "")
