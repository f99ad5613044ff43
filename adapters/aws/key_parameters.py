"""Our own keys in the Parameter Store: /relexbooking/prod/keys/notice-keys/keys.json/000002 and the like.

A version of a secret is a parameter of its own, since nothing else at SSM can be written on a condition: a number that
is taken is refused. The versions before it are deleted, so that a key that was destroyed is nowhere any more; what is
overwritten SSM would keep for a hundred versions.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import define, field, frozen
from botocore.exceptions import BotoCoreError, ClientError

from adapters.aws.parameters import SECURE
from adapters.aws.session import fault_of, wrong_setting
from adapters.secret_folder import SecretsUnusable

LOOK_AGAIN_S: Final = 30.0
"""How long another machine's change may stay unseen, unless its key is missed."""
MISSED_AGAIN_S: Final = 5.0
"""How often a missing key is a reason to look: a forged code can name any."""
MISSED_WAIT_S: Final = 0.5
"""How long whoever misses a key holds everybody up for it, at most."""
TRIES: Final = 10
"""How often a change is tried while others change the same."""
DELETED_AT_ONCE: Final = 10
ANCESTORS: Final = 8
"""Of so many versions before it a version tells by whom they were."""
PARAMETER_CHARS_MAX: Final = 8_192
_SETTING: Final = "RELEX_KEYS=ssm"

_log: Final = logging.getLogger(__name__)


@frozen
class Version:
    """One version of a secret. Its line says by whom it was made, and after whom."""

    number: int
    line: tuple[str, ...]
    content: bytes = field(repr=False)

    @classmethod
    def read(cls, number: int, value: str) -> "Version":
        line, _, content = value.partition("\n")
        return cls(number, tuple(line.split()), content.encode())

    @property
    def value(self) -> str:
        return " ".join(self.line) + "\n" + self.content.decode()


_Known = Mapping[str, tuple[Version, ...]]
"""The versions of each secret, the newest last."""


@define(eq=False)
class KeyParameters:
    """All keys of one installation, looked at together: one question for all of them."""

    _client: Any = field(repr=False)
    """For looking. It gives up soon: most looks nobody waits for."""
    _writer: Any = field(repr=False)
    path: str
    """What the names of all of them begin with."""
    _on_this_machine: Callable[[str], bytes | None]
    """What a folder here still has of a secret: an installation that moves begins with it."""
    _now: Callable[[], float] = time.monotonic
    _known: _Known = field(init=False, factory=dict, repr=False)
    _looked_at: float = field(init=False, default=0.0)
    _missed_at: float = field(init=False, default=float("-inf"))
    _look_ended: threading.Event = field(init=False, factory=threading.Event, repr=False)
    """Of the look in the background that began last."""
    _noting: threading.Lock = field(init=False, factory=threading.Lock, repr=False)

    def __attrs_post_init__(self) -> None:
        self._look_ended.set()
        try:
            self.look()
        except (ClientError, BotoCoreError) as error:
            raise wrong_setting(_SETTING, error) from None

    def newest(self, name: str) -> Version | None:
        """As it was seen last. When that is long ago, a thread looks: nobody waits for it."""
        if self._now() - self._looked_at > LOOK_AGAIN_S:
            self._begin_to_look()
        versions = self._known.get(name, ())
        return versions[-1] if versions else None

    def look_for_missed(self) -> bool:
        """Look now, unless somebody just did; whether anything is new, as far as is known soon."""
        if self._now() - self._missed_at < MISSED_AGAIN_S:
            return False
        self._missed_at = self._now()
        before = self._known
        self._begin_to_look().wait(MISSED_WAIT_S)
        return self._known != before

    def change(self, name: str, changed: Callable[[bytes | None], bytes | None]) -> None:
        """See SecretFolder."""
        try:
            for _ in range(TRIES):
                self.look()
                before = self._known.get(name, ())
                moving = None if before else self._on_this_machine(name)
                if moving is not None:
                    if self._put(name, before, moving):
                        _log.warning("took over what this machine has of %s", name)
                    continue
                content = changed(before[-1].content if before else None)
                if content is None or self._put(name, before, content):
                    return
        except (ClientError, BotoCoreError) as error:
            raise SecretsUnusable(str(wrong_setting(f"{_SETTING}: {self.path}{name}", error))) from None
        raise SecretsUnusable(f"{self.path}{name} is changed by others all the time: try again in a while")

    def look(self) -> None:
        found: dict[str, list[Version]] = {}
        asked = {"Path": self.path, "Recursive": True, "WithDecryption": True}
        for page in self._client.get_paginator("get_parameters_by_path").paginate(**asked):
            for parameter in page["Parameters"]:
                name, _, number = parameter["Name"].removeprefix(self.path).rpartition("/")
                if parameter["Type"] != SECURE or not number.isdecimal():
                    raise SecretsUnusable(
                        f"the parameter {parameter['Name']} is no key that we wrote: delete it, and what it holds is "
                        "known to others if it is a key in clear"
                    )
                found.setdefault(name, []).append(Version.read(int(number), parameter["Value"]))
        for name, versions in found.items():
            self._note(name, tuple(sorted(versions, key=lambda version: version.number)))
        self._looked_at = self._now()

    def _note(self, name: str, versions: tuple[Version, ...]) -> None:
        """Never back to an older one: looks overlap, and what was just written may not be shown at once."""
        with self._noting:
            known = self._known.get(name, ())
            if not known or versions[-1].number >= known[-1].number:
                self._known = {**self._known, name: versions}

    def _begin_to_look(self) -> threading.Event:
        """In a thread, unless one looks already; what tells that it ended."""
        with self._noting:
            ended = self._look_ended
            if not ended.is_set():
                return ended
            ended = self._look_ended = threading.Event()
            self._looked_at = self._now()
        threading.Thread(target=self._look_in_background, args=(ended,), daemon=True, name="keys").start()
        return ended

    def _look_in_background(self, ended: threading.Event) -> None:
        try:
            self.look()
        except (ClientError, BotoCoreError) as error:
            # What we know goes on being used: doors must not stop where the Parameter Store does.
            _log.warning("could not look for new keys: %s", fault_of(error))
        except SecretsUnusable as error:
            _log.error("%s", error)
        finally:
            ended.set()

    def _put(self, name: str, before: tuple[Version, ...], content: bytes) -> bool:
        """Whether it became the newest version: somebody else may be quicker."""
        newest = before[-1] if before else Version(0, (), b"")
        ours = secrets.token_hex(4)
        version = Version(newest.number + 1, (ours, *newest.line)[: 1 + ANCESTORS], content)
        if len(version.value) > PARAMETER_CHARS_MAX:
            raise SecretsUnusable(
                f"{self.path}{name} would have more than the {PARAMETER_CHARS_MAX} characters that a parameter takes: "
                "revoke keys that nothing needs, or keep the keys in folders (RELEX_KEYS=folder)"
            )
        is_written = self._written(name, version)
        self.look()
        now = self._known.get(name, ())
        if now and ours in now[-1].line:
            self._delete(name, now[:-1])
            return True
        if is_written:
            # What we had read was deleted meanwhile, and so its number was free again.
            self._delete(name, (version,))
        return False

    def _written(self, name: str, version: Version) -> bool:
        called = self._called(name, version.number)
        asked = {"Type": SECURE, "Overwrite": False, "Tier": "Intelligent-Tiering"}
        try:
            self._writer.put_parameter(Name=called, Value=version.value, **asked)
        except ClientError as error:
            if fault_of(error).code != "ParameterAlreadyExists":
                raise
            return False  # By somebody else; or by us, and the answer was lost.
        self._note(name, (*self._known.get(name, ()), version))
        return True

    def _delete(self, name: str, versions: tuple[Version, ...]) -> None:
        names = [self._called(name, version.number) for version in versions]
        for start in range(0, len(names), DELETED_AT_ONCE):
            self._writer.delete_parameters(Names=names[start : start + DELETED_AT_ONCE])

    def _called(self, name: str, number: int) -> str:
        return f"{self.path}{name}/{number:06d}"


@frozen
class ParameterFolder:
    """A SecretFolder in the Parameter Store."""

    _all: KeyParameters
    _name: str

    def where(self, name: str = "") -> str:
        """See SecretFolder."""
        return f"the parameters below {self._all.path}{self._name}/{name}"

    def stamp(self, name: str) -> int | None:
        """See SecretFolder. It can be half a minute old."""
        version = self._all.newest(f"{self._name}/{name}")
        return None if version is None else version.number

    def read(self, name: str) -> tuple[int, bytes]:
        """See SecretFolder."""
        version = self._all.newest(f"{self._name}/{name}")
        if version is None:
            raise SecretsUnusable(f"{self.where(name)} are gone: restore them from a backup")
        return version.number, version.content

    def change(self, name: str, changed: Callable[[bytes | None], bytes | None]) -> None:
        """See SecretFolder."""
        self._all.change(f"{self._name}/{name}", changed)

    def look_again(self) -> bool:
        """See SecretFolder."""
        return self._all.look_for_missed()
