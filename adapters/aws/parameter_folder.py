"""A folder of our own keys in the Parameter Store, and how an installation moves there."""

import json
import logging
from collections.abc import Callable, Hashable
from functools import partial
from typing import Final

from attrs import frozen

from adapters.aws.key_parameters import KeyParameters
from adapters.secret_folder import SecretsUnusable
from adapters.tickets.private_folder import PrivateFolder

TAKEN_OVER: Final = ("ring.json", "keys.json", "once-filled")
"""The secrets of a folder. The last says that there were some: where it stands, nothing is brought back quietly."""

_log: Final = logging.getLogger(__name__)


@frozen
class ParameterFolder:
    """A SecretFolder in the Parameter Store."""

    _all: KeyParameters
    _name: str

    def where(self, name: str = "") -> str:
        """See SecretFolder."""
        return f"{self._all.path}{self._name}/{name} in the Parameter Store"

    def stamp(self, name: str) -> Hashable | None:
        """See SecretFolder. It can be half a minute old."""
        version = self._all.newest(f"{self._name}/{name}")
        return None if version is None else version.stamp

    def read(self, name: str) -> tuple[Hashable, bytes]:
        """See SecretFolder."""
        version = self._all.newest(f"{self._name}/{name}")
        if version is None:
            raise SecretsUnusable(f"{self.where(name)} is gone: restore it from a backup")
        return version.stamp, version.content

    def change(self, name: str, changed: Callable[[bytes | None], bytes | None]) -> None:
        """See SecretFolder."""
        self._all.change(f"{self._name}/{name}", changed)

    def look_again(self) -> bool:
        """See SecretFolder."""
        return self._all.look_for_missed()

    def take_over(self, local: PrivateFolder, *, only_look: bool = False) -> None:
        """Begin with the keys that are on this machine, so that what they made stays good.

        SecretsUnusable if there are others already: whoever of the two is right, tickets of the other are refused.
        """
        for name in TAKEN_OVER:
            if local.stamp(name) is None:
                continue
            here = local.read(name)[1]
            if self.stamp(name) is None and self.stamp(TAKEN_OVER[-1]) is None and not only_look:
                self.change(name, partial(_unless_there, here))
                _log.warning("took over what this machine has", extra={"folder": local.where(name)})
            if self.stamp(name) is not None and _differ(here, self.read(name)[1]):
                raise SecretsUnusable(
                    f"{local.where(name)} and {self.where(name)} are keys of different installations. If those of the "
                    f"Parameter Store are right, put {local.where()} away; else stop every process, delete the "
                    "parameters and start this machine first"
                )


def _unless_there(here: bytes, there: bytes | None) -> bytes | None:
    return here if there is None else None


def _differ(here: bytes, there: bytes) -> bool:
    """Whether two sets have other keys under the same name; what one of them has no more is no difference."""
    ours, theirs = _by_name(here), _by_name(there)
    return any(ours[name] != theirs[name] for name in ours.keys() & theirs.keys())


def _by_name(text: bytes) -> dict[str, str]:
    """Of a ring what stays when a secret is forgotten, of numbered keys the keys."""
    try:
        keys = json.loads(text)["keys"]
    except ValueError:
        return {}
    if isinstance(keys, dict):
        return keys
    halves = {f"{key['purpose']} {key['id']}": key["public"] or key["secret"] for key in keys}
    return {name: half for name, half in halves.items() if half}
