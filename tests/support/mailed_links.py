"""The secrets of the links in mails, as people find them."""

import re

from tests.support.world import World


def link_in(world: World, address: str, page: str) -> str:
    """The secret in the newest mail to somebody that has a link to this page."""
    found = [
        match[1] for mail in world.mailbox.to(address) for match in re.finditer(rf"/{page}\?token=([\w-]+)", mail.text)
    ]
    assert found, f"no mail to {address} has a link to /{page}"
    return found[-1]
