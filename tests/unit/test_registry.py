"""Every adapter that we ship is held to its port's suite, and a package can add one without replacing ours."""

import ast
from collections import defaultdict
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Final

import pytest
from attrs import evolve

from adapters import registry
from adapters.registry import MAILERS, OBJECT_STORES, PAYMENT_GATEWAYS, STORES, Seam
from adapters.setting_checks import WrongSetting
from adapters.settings import Settings

TESTS: Final = Path(__file__).parents[1]
PACKAGES: Final = TESTS / "packages"
"""What others bring, with their own suites."""


def suites() -> dict[str, set[str]]:
    """By the name of a contract: the adapters for which some test class subclasses it."""
    held: dict[str, set[str]] = defaultdict(set)
    for path in set(TESTS.rglob("test_*.py")) - set(PACKAGES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.ClassDef):
                continue
            names = [
                statement.value.value
                for statement in node.body
                if isinstance(statement, ast.Assign)
                and isinstance(statement.targets[0], ast.Name)
                and statement.targets[0].id == "adapter"
                and isinstance(statement.value, ast.Constant)
            ]
            for base in node.bases:
                if isinstance(base, ast.Name) and base.id.endswith("Contract"):
                    held[base.id].update(str(name) for name in names)
    return held


@pytest.mark.parametrize(
    ("contract", "adapters"),
    [
        ("StoreContract", (set(STORES.shipped) - {"sql"}) | {"sqlite", "postgres"}),
        ("ObjectStoreContract", set(OBJECT_STORES.shipped)),
        ("MailerContract", set(MAILERS.shipped)),
        ("CredentialKeeperContract", {"builtin", "cognito"}),
        ("PaymentGatewayContract", set(PAYMENT_GATEWAYS.shipped)),
        ("NoticeReaderContract", set(PAYMENT_GATEWAYS.shipped)),
        ("RefundSenderContract", set(PAYMENT_GATEWAYS.shipped)),
    ],
)
def test_every_shipped_adapter_is_held_to_its_suite(contract: str, adapters: set[str]) -> None:
    assert suites()[contract] == adapters


OPENABLE: Final = Settings(
    stripe_api_key="sk_test_1",
    stripe_webhook_secrets=("whsec_1",),
    razorpay_key_id="rzp_test_1",
    razorpay_key_secret="of the tests",
    razorpay_webhook_secrets=("a secret of the tests, long enough",),
)
"""With everything that a shipped gateway cannot do without."""


def able_to(capability: str) -> set[str]:
    """The shipped gateways that say that they can."""
    built = {name: PAYMENT_GATEWAYS.build(name, OPENABLE) for name in PAYMENT_GATEWAYS.shipped}
    return {name for name, gateway in built.items() if getattr(gateway, capability) is not None}


@pytest.mark.parametrize(
    ("contract", "capability"),
    [
        ("PageCloserContract", "closer"),
        ("DisputeReaderContract", "disputes"),
        ("DashboardRefundContract", "disputes"),
        ("StatementReaderContract", "statements"),
        ("CapturerContract", "capturer"),
        ("EmbeddedCheckoutContract", "embedded"),
    ],
)
def test_whatever_a_shipped_gateway_says_that_it_can_is_held_to_its_suite(contract: str, capability: str) -> None:
    assert suites()[contract] == able_to(capability)


def test_a_suite_that_is_missing_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    unproven = dict(PAYMENT_GATEWAYS.shipped) | {"acme": PAYMENT_GATEWAYS.shipped["stripe"]}
    monkeypatch.setitem(globals(), "PAYMENT_GATEWAYS", evolve(PAYMENT_GATEWAYS, shipped=unproven))

    with pytest.raises(AssertionError):
        test_whatever_a_shipped_gateway_says_that_it_can_is_held_to_its_suite("DisputeReaderContract", "disputes")


def test_what_is_not_known_is_a_wrong_setting_that_names_what_is() -> None:
    with pytest.raises(WrongSetting, match=r"stores: there is no 'oracle', but dynamodb, memory, sql"):
        STORES.build("oracle", Settings())


def build_elsewhere(_settings: Settings) -> str:
    return "made by a package"


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a package had brought one of a new name, and one of a name of ours."""
    value = f"{__name__}:build_elsewhere"

    def entry_points(group: str) -> list[EntryPoint]:
        return [EntryPoint(name, value, group) for name in ("acme", "ours")] if group == "relexbooking.things" else []

    monkeypatch.setattr(registry, "entry_points", entry_points)


@pytest.mark.usefixtures("installed")
def test_a_package_adds_an_adapter_and_replaces_none_of_ours() -> None:
    seam: Seam[str] = Seam("things", {"ours": "builtins:repr"})

    assert seam.build("acme", Settings()) == "made by a package"
    assert seam.build("ours", Settings()).startswith("Settings(")
