from datetime import timedelta

import pytest

from adapters.setting_checks import WrongSetting
from adapters.settings import Settings, load_settings
from domain.rate_limit import Rate


def test_rates_are_set_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELEX_LIMITS", "hold=50/h,export=off, sign_in=5/min")

    assert load_settings().rates == {
        "hold": Rate(50, timedelta(hours=1)),
        "export": None,
        "sign_in": Rate(5, timedelta(minutes=1)),
    }
    assert Settings().rates == {}


@pytest.mark.parametrize(
    "words", ["hold", "hold=", "hold=50", "hold=0/h", "hold=50/week", "holds=5/h", "HOLD=5/h", "=off"]
)
def test_a_rate_that_cannot_be_read_stops_the_start(words: str) -> None:
    with pytest.raises(WrongSetting, match="RELEX_LIMITS="):
        Settings(limits=(words,))


def test_proxies_are_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELEX_TRUSTED_PROXIES", "10.0.0.0/8, 2001:db8::/32,127.0.0.1")

    assert [word.strip() for word in load_settings().trusted_proxies] == ["10.0.0.0/8", "2001:db8::/32", "127.0.0.1"]


@pytest.mark.parametrize("words", ["", "proxy", "10.0.0.1/8", "10.0.0.0/33", "*"])
def test_what_is_no_network_stops_the_start(words: str) -> None:
    with pytest.raises(WrongSetting, match="RELEX_TRUSTED_PROXIES="):
        Settings(trusted_proxies=(words,))
