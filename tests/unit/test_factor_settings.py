"""Who must have a second factor, as the settings say it."""

from pathlib import Path

import pytest

from adapters.identity.authenticator_codes import AuthenticatorCodes, normal_code
from adapters.setting_checks import WrongSetting
from adapters.settings import Settings, load_settings
from domain.account import Role
from domain.second_factors import FactorPolicy


def test_by_default_administrators_need_one_and_organizers_before_money_moves() -> None:
    policy = Settings().factor_policy

    assert policy.roles == {Role.ADMIN, Role.SUPERADMIN}
    assert policy.before_money_moves


def test_none_asks_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RELEX_MFA_REQUIRED", "none")

    assert load_settings().factor_policy == FactorPolicy()


@pytest.mark.parametrize("given", ["none,admin", "boss", "admin,boss"])
def test_what_is_no_role_stops_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: str) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RELEX_MFA_REQUIRED", given)

    with pytest.raises(WrongSetting, match="RELEX_MFA_REQUIRED"):
        load_settings()


@pytest.mark.parametrize(
    ("at", "code"),
    [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")],
)
def test_codes_are_those_of_the_standard(at: int, code: str) -> None:
    """The test vectors of RFC 6238, appendix B, of which an app shows the last six digits."""
    assert AuthenticatorCodes("RelexBooking").step_of(b"12345678901234567890", code, at) == at // 30


@pytest.mark.parametrize("text", ["", "12345", "1234567", "12345x", "1" * 41, "½23456", "①23456"])
def test_what_is_no_code_has_no_form(text: str) -> None:
    assert normal_code(text) == ""
    assert AuthenticatorCodes("RelexBooking").step_of(b"12345678901234567890", text, 59) is None
