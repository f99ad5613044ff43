"""Settings in the Parameter Store, over a socket, against moto's server."""

import socket
from pathlib import Path
from typing import Any

import pytest

from adapters.aws import parameters
from adapters.aws.session import open_client
from adapters.setting_checks import WrongSetting
from adapters.settings import Settings, load_settings

SECRET = "sk_live_nobody_may_read_this"


@pytest.fixture
def client(aws: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Where parameters are put; the environment asks for those of `prod`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RELEX_SSM_ENV", "prod")
    monkeypatch.setenv("RELEX_AWS_REGION", aws.aws_region)
    monkeypatch.setenv("RELEX_AWS_ENDPOINT_URL", aws.aws_endpoint_url)
    return open_client(aws, "ssm")


def put(client: Any, name: str, value: str, kind: str = "SecureString", environment: str = "prod") -> None:
    client.put_parameter(Name=f"/relexbooking/{environment}/{name}", Value=value, Type=kind)


def test_secrets_and_other_settings_are_read(client: Any) -> None:
    put(client, "stripe_api_key", SECRET)
    put(client, "stripe_webhook_secrets", "whsec_1,whsec_2")
    put(client, "stripe_currencies", "EUR,INR", "StringList")
    put(client, "port", "8123", "String")

    settings = load_settings()

    assert settings.stripe_api_key == SECRET
    assert settings.stripe_webhook_secrets == ("whsec_1", "whsec_2")
    assert settings.stripe_currencies == ("EUR", "INR")
    assert settings.port == 8123


def test_more_parameters_than_one_answer_holds_are_all_read(client: Any) -> None:
    names = ("stripe_api_key", "sandbox_api_key", "smtp_password", "metrics_token", "razorpay_key_secret")
    others = ("smtp_user", "smtp_host", "base_url", "mail_from", "stripe_account", "razorpay_account", "s3_bucket")
    for name in (*names, *others):
        put(client, name, "https://tickets.example.com" if name == "base_url" else f"{name} of the store")

    settings = load_settings()

    assert [getattr(settings, name) for name in names] == [f"{name} of the store" for name in names]


def test_the_environment_wins_over_the_store_and_the_store_over_the_file(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("relexbooking.toml").write_text(
        '[relexbooking]\nsmtp_host = "of the file"\nsmtp_user = "of the file"\nmail_from = "file@example.com"\n'
    )
    put(client, "smtp_host", "of the store")
    put(client, "smtp_user", "of the store")
    monkeypatch.setenv("RELEX_SMTP_HOST", "of the environment")

    settings = load_settings()

    assert (settings.smtp_host, settings.smtp_user) == ("of the environment", "of the store")
    assert settings.mail_from == "file@example.com"


def test_parameters_of_other_installations_are_not_read(client: Any) -> None:
    put(client, "smtp_host", "of prod", "String")
    put(client, "smtp_host", "of staging", "String", environment="staging")
    put(client, "smtp_user", "of production", "String", environment="production")

    settings = load_settings()

    assert (settings.smtp_host, settings.smtp_user) == ("of prod", "")


def test_without_being_asked_nobody_looks_there(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    put(client, "smtp_host", "of prod")
    monkeypatch.delenv("RELEX_SSM_ENV")

    assert load_settings().smtp_host == ""


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("stripe_api_kee", "the parameter /relexbooking/prod/stripe_api_kee is no setting of ours: did you mean"),
        ("stripe/secret_key", "the parameter /relexbooking/prod/stripe/secret_key is no setting of ours"),
        ("aws_region", "the parameter /relexbooking/prod/aws_region is needed to find the Parameter Store"),
    ],
)
def test_a_name_that_cannot_be_is_refused(client: Any, name: str, words: str) -> None:
    put(client, name, SECRET)

    with pytest.raises(WrongSetting, match=words) as refused:
        load_settings()

    assert_untold(refused.value)


@pytest.mark.parametrize("name", ["stripe_api_key", "database_url", "metrics_token"])
def test_a_secret_that_stands_there_in_clear_is_refused(client: Any, name: str) -> None:
    put(client, name, SECRET, "String")

    with pytest.raises(WrongSetting, match=f"/relexbooking/prod/{name} holds a secret in clear: store it as Secure"):
        load_settings()


def test_without_that_check_a_secret_in_clear_would_be_used(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    put(client, "stripe_api_key", SECRET, "String")
    monkeypatch.setattr(parameters, "SECURE", "String")

    assert load_settings().stripe_api_key == SECRET


def test_an_installation_without_parameters_stops_the_start(client: Any) -> None:
    with pytest.raises(WrongSetting, match=r"RELEX_SSM_ENV=prod: there is no parameter below /relexbooking/prod/ in"):
        load_settings()


def test_in_another_region_there_are_none_and_the_words_name_it(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    put(client, "smtp_host", "of prod")
    monkeypatch.setenv("RELEX_AWS_REGION", "eu-west-3")

    with pytest.raises(WrongSetting, match=r"in eu-west-3: name another installation, another RELEX_AWS_REGION"):
        load_settings()


def test_a_store_that_does_not_answer_stops_the_start(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        monkeypatch.setenv("RELEX_AWS_ENDPOINT_URL", f"http://127.0.0.1:{closed.getsockname()[1]}")

    with pytest.raises(WrongSetting, match="RELEX_SSM_ENV=prod: AWS says EndpointConnectionError: see that this"):
        load_settings()


def test_no_value_is_in_words_or_in_what_is_printed(client: Any) -> None:
    put(client, "stripe_api_key", SECRET)
    put(client, "database_url", f"postgresql://relex:{SECRET}@db/relex")

    settings = load_settings()

    assert SECRET in settings.store_url
    assert SECRET not in repr(settings)
    assert SECRET not in str(settings)


def assert_untold(error: BaseException | None) -> None:
    """No value stands anywhere in what would be printed."""
    while error is not None:
        assert SECRET not in str(error)
        error = error.__cause__
