"""Accounts over HTTP: who is told what, cookies, and what administrators do."""

import re
import threading

import pytest

from adapters.secret_folder import SecretsUnusable
from adapters.tickets.memory_key_ring import MemoryKeyRing
from adapters.tickets.private_folder import PrivateFolder
from domain.account import Role
from tests.support.http_stage import BASE_URL, Stage
from tests.support.world import PASSWORD


async def _linked(stage: Stage, address: str, number: int = -1) -> str:
    await stage.world.settle()
    found = re.search(r"token=([\w-]+)", stage.world.mailbox.to(address)[number].text)
    assert found
    return found[1]


async def test_signing_up_tells_nobody_whether_the_address_is_known(stage: Stage) -> None:
    known = (await stage.caller()).actor.signed_in().email
    body = {"name": "Asha", "password": PASSWORD}

    answers = [await stage.stranger.post("/accounts", {**body, "email": email}) for email in (known, "new@example.com")]

    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].content == answers[1].content
    await stage.world.settle()
    assert "signed up" not in stage.world.mailbox.to("new@example.com")[0].subject
    assert stage.world.mailbox.to(known)[0].subject != stage.world.mailbox.to("new@example.com")[0].subject


@pytest.mark.parametrize("path", ["/confirmations/resend", "/password-resets"])
async def test_asking_for_a_mail_tells_nobody_whether_the_address_is_known(stage: Stage, path: str) -> None:
    known = (await stage.caller()).actor.signed_in().email

    answers = [await stage.stranger.post(path, {"email": email}) for email in (known, "nobody@example.com")]

    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].content == answers[1].content


async def test_nobody_signs_up_with_a_role(stage: Stage) -> None:
    body = {"email": "a@example.com", "name": "Asha", "password": PASSWORD}

    for field in ("role", "roles", "rank", "kyc", "status", "email_confirmed_at", "epoch", "id"):
        answer = await stage.stranger.post("/accounts", {**body, field: "admin"})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request"), field
    user = await stage.caller()
    for field in ("role", "roles", "email", "kyc"):
        assert (await user.patch("/me", {field: "admin"})).status_code == 400


async def test_an_address_is_confirmed_once_and_before_the_first_session(stage: Stage) -> None:
    body = {"email": "a@example.com", "name": "Asha", "password": PASSWORD}
    await stage.stranger.post("/accounts", body)
    credentials = {"email": "a@example.com", "password": PASSWORD}
    early = await stage.stranger.post("/sessions", credentials)
    token = await _linked(stage, "a@example.com")

    first = await stage.stranger.post("/confirmations", {"token": token})
    again = await stage.stranger.post("/confirmations", {"token": token})

    assert (early.status_code, early.json()["code"]) == (403, "email_not_confirmed")
    assert first.status_code == 200
    assert (again.status_code, again.json()["code"]) == (400, "token_invalid")
    assert (await stage.stranger.post("/sessions", credentials)).status_code == 201


async def test_a_new_password_ends_every_session(stage: Stage) -> None:
    user = await stage.caller()
    email = user.actor.signed_in().email
    await stage.stranger.post("/password-resets", {"email": email})
    token = await _linked(stage, email)

    used = await stage.stranger.post("/password-resets/use", {"token": token, "password": "another horse, a staple"})

    assert used.status_code == 204
    assert (await user.get("/me")).status_code == 401
    old = await stage.stranger.post("/sessions", {"email": email, "password": PASSWORD})
    assert (old.status_code, old.json()["code"]) == (401, "sign_in_failed")
    assert "bearer" in old.headers["www-authenticate"].lower()


async def test_a_wrong_password_and_an_unknown_address_look_the_same(stage: Stage) -> None:
    email = (await stage.caller()).actor.signed_in().email

    wrong = await stage.stranger.post("/sessions", {"email": email, "password": "wrong horse battery staple"})
    unknown = await stage.stranger.post("/sessions", {"email": "no@example.com", "password": PASSWORD})

    assert (wrong.status_code, wrong.json()) == (unknown.status_code, unknown.json())


async def test_a_profile_is_changed_in_parts(stage: Stage) -> None:
    user = await stage.caller()

    named = (await user.patch("/me", {"name": "Asha R."})).json()
    phoned = (await user.patch("/me", {"phone": "+91 1"})).json()

    assert (named["name"], named["phone"]) == ("Asha R.", "")
    assert (phoned["name"], phoned["phone"]) == ("Asha R.", "+91 1")


async def test_a_cookie_signs_in_a_browser_and_is_taken_from_our_own_pages_only(stage: Stage) -> None:
    person = await stage.world.person()
    async with stage.browser() as browser:
        signed_in = await browser.post(
            "/api/v1/sessions", json={"email": person.signed_in().email, "password": PASSWORD}
        )
        cookie = signed_in.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert (await browser.get("/api/v1/me")).status_code == 200

        profile = {"name": "Changed"}
        for headers in (
            {"origin": "https://evil.example"},
            {"origin": "http://tickets.example.evil.example"},
            {"origin": "https://tickets.example"},
            {"origin": "null"},
            {"sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "same-site"},
            {},
        ):
            refused = await browser.patch("/api/v1/me", json=profile, headers=headers)
            assert (refused.status_code, refused.json()["code"]) == (403, "cross_site"), headers
        for headers in ({"origin": BASE_URL}, {"sec-fetch-site": "same-origin"}):
            assert (await browser.patch("/api/v1/me", json=profile, headers=headers)).status_code == 200

        assert (await browser.delete("/api/v1/sessions/current", headers={"origin": BASE_URL})).status_code == 200
        assert (await browser.get("/api/v1/me")).status_code == 401


async def test_over_https_the_cookie_is_bound_to_the_host(stage: Stage) -> None:
    async with Stage.of(stage.world.container.settings().data_dir, base_url="https://tickets.example") as secure:
        person = await secure.world.person()
        answer = await secure.stranger.post("/sessions", {"email": person.signed_in().email, "password": PASSWORD})

    assert answer.headers["set-cookie"].startswith("__Host-relex=")
    assert "secure" in answer.headers["set-cookie"].lower()


async def test_signing_out_ends_this_session_and_no_other(stage: Stage) -> None:
    one = await stage.caller()
    other = await stage.signed_in(one.actor)

    assert (await one.delete("/sessions/current")).status_code == 200

    assert (await one.get("/me")).status_code == 401
    assert (await other.get("/me")).status_code == 200


async def test_administrators_find_and_change_accounts(stage: Stage) -> None:
    admin, user = await stage.caller(Role.ADMIN), await stage.caller()
    email, path = user.actor.signed_in().email, f"/accounts/{user.actor.name}"

    found = (await admin.get(f"/accounts?search={email}")).json()["items"]
    assert [account["id"] for account in found] == [user.actor.name]
    assert (await admin.get(path)).json()["email"] == email
    assert (await admin.post(f"{path}/roles", {"role": "organizer"})).json()["rank"] == "organizer"
    assert [a["id"] for a in (await admin.get("/accounts?role=organizer")).json()["items"]] == [user.actor.name]
    assert (await admin.delete(f"{path}/roles/organizer")).json()["rank"] == "user"
    assert (await admin.post(f"{path}/roles", {"role": "superadmin"})).json()["code"] == "not_allowed"
    assert (await admin.post(f"{path}/roles", {"role": "king"})).json()["code"] == "invalid_request"
    assert (await admin.post(f"{path}/disable")).json()["status"] == "disabled"
    assert (await admin.post(f"{path}/enable")).json()["status"] == "active"
    assert (await admin.post(f"{path}/sign-out")).status_code == 200
    assert (await admin.post(f"{path}/reset-password")).status_code == 200
    assert await _linked(stage, email)
    assert (await admin.delete(path)).status_code == 204
    assert (await admin.post(f"/accounts/{admin.actor.name}/roles", {"role": "organizer"})).status_code == 403


async def test_superadministrators_look_after_the_ticket_keys(stage: Stage) -> None:
    superadmin = await stage.caller(Role.SUPERADMIN)
    before = (await superadmin.get("/keys")).json()["items"]

    rotated = (await superadmin.post("/keys/sign/rotate")).json()

    after = (await superadmin.get("/keys")).json()["items"]
    assert (rotated["purpose"], rotated["state"]) == ("sign", "active")
    assert len(after) == len(before) + 1
    assert (await superadmin.post("/keys/none/rotate")).status_code == 400


async def test_keys_that_cannot_be_changed_now_are_no_fault_of_ours_and_hold_up_nobody(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    superadmin = await stage.caller(Role.SUPERADMIN)
    asked_in: list[threading.Thread] = []

    def fail(*_: object) -> None:
        asked_in.append(threading.current_thread())
        raise SecretsUnusable("the place of the keys does not answer")

    monkeypatch.setattr(PrivateFolder, "change", fail)
    monkeypatch.setattr(MemoryKeyRing, "_change", fail)

    refused = await superadmin.post("/keys/sign/rotate")

    assert refused.status_code == 503
    assert "the place of the keys" not in refused.text
    [thread] = asked_in
    assert thread is not threading.main_thread()
