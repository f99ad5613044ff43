from datetime import timedelta
from pathlib import Path

import pytest

from adapters.from_settings import session_rules
from adapters.setting_checks import WrongSetting
from adapters.settings import Settings
from application.session_rules import SessionRules, SessionSpan


def test_sessions_last_as_long_as_the_settings_say(tmp_path: Path) -> None:
    rules = session_rules(Settings(data_dir=tmp_path, session_staff_idle_minutes=15, session_days=20))

    assert rules.staff == SessionSpan(timedelta(minutes=15), timedelta(hours=24))
    assert rules.others == SessionSpan(timedelta(days=14), timedelta(days=20))
    assert session_rules(Settings(data_dir=tmp_path)) == SessionRules()


@pytest.mark.parametrize("wrong", [{"session_staff_hours": 1, "session_staff_idle_minutes": 61}, {"session_days": 7}])
def test_a_session_that_may_be_unused_longer_than_it_lasts_stops_the_boot(
    tmp_path: Path, wrong: dict[str, int]
) -> None:
    with pytest.raises(WrongSetting, match="RELEX_SESSION"):
        session_rules(Settings(data_dir=tmp_path, **wrong))  # type: ignore[arg-type]  # numbers alone
