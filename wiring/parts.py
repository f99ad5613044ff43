"""What everything is made of: the adapters, and the rules that several topics share."""

from datetime import datetime
from typing import Any, Final

from dependency_injector import containers, providers

from adapters import from_settings
from adapters.clock import SystemClock
from adapters.codec import digest
from adapters.identity.argon2_hasher import Argon2Hasher
from adapters.limiting.memory_limiter import MemoryLimiter
from adapters.limiting.store_limiter import StoreLimiter
from adapters.monitoring.counting_store import CountingStore
from adapters.randomness import SystemRandomness
from adapters.receipts.fpdf_receipts import FpdfReceipts
from adapters.registry import OBJECT_STORES, STORES
from adapters.secret_folder import KeyFolders, SecretFolder
from adapters.settings import Settings
from adapters.tickets import qr_drawer
from application.even_work import EvenWork
from application.ids import Ids
from application.limits import Limits
from application.opening import Opening
from application.passing import unwatched
from application.reactions.everything import reacted_to
from application.relay import News
from application.work import Beginning

PRODUCT: Final = "RelexBooking"
S = providers.Singleton


def now(clock: SystemClock) -> datetime:
    return clock.now()


def folder_of(keys: KeyFolders, name: str) -> SecretFolder:
    return keys(name)


class Parts(containers.DeclarativeContainer):
    """The adapters that the settings choose, and what more than one topic is made of."""

    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    passing: providers.Provider[Any] = providers.Object(unwatched)

    clock = S(SystemClock)
    randomness = S(SystemRandomness)
    ids = S(Ids, randomness)
    key_folders = S(from_settings.key_folders, settings)
    store = S(CountingStore, S(STORES.build, settings.provided.store, settings))
    objects = S(OBJECT_STORES.build, settings.provided.objects, settings)
    gateways = S(from_settings.gateways, settings)
    hasher = S(Argon2Hasher)
    keeper = S(from_settings.keeper, settings, hasher, clock)
    drawer = S(qr_drawer.build)
    link_drawer = S(qr_drawer.QrcodeDrawer)
    receipt_drawer = S(FpdfReceipts)

    news = S(News)
    begin = S(
        Beginning,
        store,
        clock,
        randomness,
        S(reacted_to, keeper),
        passing,
        news.provided.ring,
        digest=providers.Object(digest),
    )

    limiter_here = S(MemoryLimiter, clock)
    limiter_shared = S(StoreLimiter, begin, clock)
    limits = S(Limits, limiter_here, limiter_shared, settings.provided.rates)
    even_work = S(EvenWork, clock, randomness)
    factor_policy = S(lambda settings: settings.factor_policy, settings)
    session_rules = S(from_settings.session_rules, settings)
    opening = S(Opening, randomness, session_rules)
    four_eyes = S(from_settings.four_eyes, settings)
