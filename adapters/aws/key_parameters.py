"""Our own keys in the Parameter Store: /relexbooking/prod/keys/notice-keys/keys.json/000002 and the like.

A version of a secret is a parameter of its own, since nothing else at SSM can be written on a condition: a number that
is taken is refused. The versions before it are deleted, so that a key that was destroyed is nowhere any more; what is
overwritten SSM would keep for a hundred versions.
"""

import logging
import random
import secrets
import threading
import time
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Hashable, Mapping
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
PAUSE_MAX_S: Final = 0.3
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
    line: tuple[str, ...] = field(repr=False)
    content: bytes = field(repr=False)

    @classmethod
    def read(cls, number: int, value: str) -> "Version":
        """ValueError for what we did not write."""
        line, _, content = value.partition("\n")
        return cls(number, tuple(line.split()), zlib.decompress(b64decode(content, validate=True)))

    @property
    def stamp(self) -> Hashable:
        """Numbers begin anew where all was removed."""
        return self.number, self.line[:1]

    @property
    def value(self) -> str:
        """Made small: a parameter has little room."""
        return " ".join(self.line) + "\n" + b64encode(zlib.compress(self.content)).decode()


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
    _now: Callable[[], float] = time.monotonic
    _known: _Known = field(init=False, factory=dict, repr=False)
    _looked_at: float = field(init=False, default=0.0)
    """When the last look began, and when the last one ended well."""
    _seen_at: float = field(init=False, default=0.0)
    _missed_at: float = field(init=False, default=float("-inf"))
    _look_ended: threading.Event = field(init=False, factory=threading.Event, repr=False)
    """Of the look in the background that began last."""
    _noting: threading.Lock = field(init=False, factory=threading.Lock, repr=False)

    def __attrs_post_init__(self) -> None:
        self._look_ended.set()
        try:
            self.look(self._writer)
        except (ClientError, BotoCoreError) as error:
            raise wrong_setting(_SETTING, error) from None

    def newest(self, name: str) -> Version | None:
        """As it was seen last. When that is a while ago, a thread looks; whoever was idle for long waits a little."""
        if self._now() - self._looked_at > LOOK_AGAIN_S:
            was_idle = self._now() - self._seen_at > 2 * LOOK_AGAIN_S
            ended = self._begin_to_look()
            if was_idle:
                ended.wait(MISSED_WAIT_S)
        versions = self._known.get(name, ())
        return versions[-1] if versions else None

    def look_for_missed(self) -> bool:
        """Look now, unless somebody just did; whether anything is new, as far as is known soon."""
        if self._now() - self._missed_at < MISSED_AGAIN_S:
            return False
        self._missed_at = self._now()
        before = self._known
        # One that is under way may have begun before the key was made.
        self._look_ended.wait(MISSED_WAIT_S / 2)
        self._begin_to_look().wait(MISSED_WAIT_S / 2)
        return self._known != before

    def change(self, name: str, changed: Callable[[bytes | None], bytes | None]) -> None:
        """See SecretFolder."""
        try:
            for _ in range(TRIES):
                self.look(self._writer)
                before = self._known.get(name, ())
                content = changed(before[-1].content if before else None)
                if content is None:
                    # Of a writer that broke off.
                    self._delete(name, before[:-1])
                    return
                if self._put(name, before, content):
                    return
                time.sleep(random.uniform(0, PAUSE_MAX_S))  # noqa: S311 - not a secret
        except (ClientError, BotoCoreError) as error:
            raise SecretsUnusable(str(wrong_setting(f"{_SETTING}: {self.path}{name}", error))) from None
        raise SecretsUnusable(f"{self.path}{name} is changed by others all the time: try again in a while")

    def look(self, client: Any = None) -> None:
        """See all that is there, by the client that gives up soon unless another is named."""
        found: dict[str, list[Version]] = {}
        asked = {"Path": self.path, "Recursive": True, "WithDecryption": True}
        for page in (client or self._client).get_paginator("get_parameters_by_path").paginate(**asked):
            for parameter in page["Parameters"]:
                name, _, number = parameter["Name"].removeprefix(self.path).rpartition("/")
                try:
                    version = Version.read(int(number), parameter["Value"] if parameter["Type"] == SECURE else "")
                except (ValueError, zlib.error):
                    raise SecretsUnusable(
                        f"the parameter {parameter['Name']} is no key that we wrote: delete it, and what it holds is "
                        "known to others if it is a key in clear"
                    ) from None
                found.setdefault(name, []).append(version)
        for name, versions in found.items():
            self._note(name, tuple(sorted(versions, key=lambda version: version.number)))
        self._looked_at = self._seen_at = self._now()

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
        try:
            threading.Thread(target=self._look_in_background, args=(ended,), daemon=True, name="keys").start()
        except RuntimeError:
            _log.warning("no thread could be started to look for new keys")
            ended.set()
        return ended

    def _look_in_background(self, ended: threading.Event) -> None:
        try:
            self.look()
        except (ClientError, BotoCoreError) as error:
            # What we know goes on being used: doors must not stop where the Parameter Store does.
            _log.warning("could not look for new keys", extra={"error": fault_of(error).code})
        except SecretsUnusable:
            _log.warning("what lies there are no keys of ours: see relexbooking doctor", extra={"folder": self.path})
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
                "keep the keys in folders (RELEX_KEYS=folder)"
            )
        is_written = self._written(name, version)
        self.look(self._writer)
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
            if fault_of(error).code not in {"ParameterAlreadyExists", "TooManyUpdates"}:
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
