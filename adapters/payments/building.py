"""The payment gateways that we ship, made from the settings."""

from adapters.payments.sandbox_gateway import open_sandbox_gateway
from adapters.payments.sandbox_line import SandboxGatewaySettings
from adapters.settings import Settings
from application.gateways import Gateway


def sandbox(settings: Settings) -> Gateway:
    """The second party of the demo: takes every currency, moves no money."""
    gateway = open_sandbox_gateway(
        SandboxGatewaySettings(
            base_url=settings.sandbox_url,
            api_key=settings.sandbox_api_key,
            webhook_url=f"{settings.base_url}/api/v1/webhooks/sandbox",
            webhook_secrets=settings.sandbox_webhook_secrets,
        )
    )
    return Gateway(
        "sandbox",
        pages=gateway,
        charges=gateway,
        notices=gateway,
        refunds=gateway,
        partial_refunds=gateway,
        closer=gateway,
        capturer=gateway,
        disputes=gateway,
        statements=gateway,
        page_origins=frozenset({settings.sandbox_url.rstrip("/")}),
        is_sandbox=True,
    )
