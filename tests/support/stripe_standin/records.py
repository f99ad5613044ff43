"""What the stand-in keeps: plain objects as Stripe writes them, by their names, and what a reader sees of them."""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from threading import RLock
from typing import Any

from attrs import define, field

from tests.support.stripe_standin.refusals import Refusal, missing, unknown_parameter

Record = dict[str, Any]

_EXPANDABLE = {
    "checkout.session": {"payment_intent"},
    "payment_intent": {"latest_charge"},
    "charge": {"balance_transaction", "refunds", "payment_intent"},
    "balance_transaction": {"source"},
    "refund": {"charge", "payment_intent"},
    "dispute": {"charge", "payment_intent"},
}
_EXPAND_DEPTH_MAX = 4
_PAGE_MAX = 100
_PAGE = 10
_INSIDE = 10
"""How many entries a list has that is inside of another object."""


@define(eq=False)
class Records:
    """Everything of one account. A name that starts with _ is the stand-in's own, and shown to nobody."""

    lock: RLock = field(factory=RLock)
    kept: dict[str, Record] = field(factory=dict)
    ahead_s: float = 0.0
    told: list[Callable[[str, Record], None]] = field(factory=list)

    def now(self) -> float:
        return time.time() + self.ahead_s

    def add(self, prefix: str, kind: str, **rest: Any) -> Record:
        record = {
            "id": f"{prefix}_{secrets.token_hex(12)}",
            "object": kind,
            "created": int(self.now()),
            "livemode": False,
            **rest,
        }
        self.kept[record["id"]] = record
        return record

    def get(self, kind: str, identifier: str) -> Record:
        record = self.kept.get(identifier)
        if record is None or record["object"] != kind:
            raise missing(kind.replace(".", " "), identifier)
        return record

    def find(self, kind: str, identifier: str | None) -> Record | None:
        record = self.kept.get(identifier or "")
        return record if record is not None and record["object"] == kind else None

    def those(self, kind: str, **wanted: str) -> list[Record]:
        """The newest first, as Stripe lists."""
        return [
            record
            for record in reversed(list(self.kept.values()))
            if record["object"] == kind and all(record.get(name) == value for name, value in wanted.items())
        ]

    def tell(self, kind: str, about: Record) -> None:
        """An event happened."""
        shown = self.shown(about)
        for listener in self.told:
            listener(kind, shown)

    def shown(self, record: Record, expand: Sequence[str] = ()) -> Record:
        if any(path.count(".") >= _EXPAND_DEPTH_MAX for path in expand):
            raise Refusal(400, "You cannot expand more than 4 levels of a property", "parameter_invalid")
        shown = {name: value for name, value in record.items() if not name.startswith("_")}
        for name in dict.fromkeys(path.partition(".")[0] for path in expand):
            below = [path.partition(".")[2] for path in expand if path.startswith(f"{name}.")]
            shown[name] = self._expanded(record, name, below)
        return shown

    def _expanded(self, record: Record, name: str, below: Sequence[str]) -> Any:
        if name not in _EXPANDABLE.get(record["object"], set()):
            raise Refusal(400, f"This property cannot be expanded ({name}).", "property_cannot_be_expanded")
        if name == "refunds":
            refunds = self.those("refund", charge=record["id"])
            return self._list([self.shown(one) for one in refunds], _INSIDE, f"/v1/charges/{record['id']}/refunds")
        inner = self.kept.get(record[name] or "")
        return None if inner is None else self.shown(inner, below)

    def page(self, kind: str, asked: Mapping[str, Any], filters: set[str], url: str) -> Record:
        """A page of a list, as the parameters want it."""
        for name in asked.keys() - filters - {"limit", "starting_after", "expand", "created"}:
            raise unknown_parameter(name)
        limit = int(asked.get("limit", _PAGE))
        if not 1 <= limit <= _PAGE_MAX:
            raise Refusal(400, "limit must be between 1 and 100", "parameter_invalid_integer")
        records = self.those(kind, **{name: asked[name] for name in filters if name in asked})
        records = [record for record in records if _is_within(record["created"], asked.get("created", {}))]
        after = asked.get("starting_after")
        if after is not None:
            names = [record["id"] for record in records]
            if after not in names:
                raise missing(kind, after)
            records = records[names.index(after) + 1 :]
        expand = [path.removeprefix("data.") for path in asked.get("expand", ())]
        return self._list([self.shown(record, expand) for record in records], limit, url)

    def _list(self, shown: Sequence[Record], limit: int, url: str) -> Record:
        return {"object": "list", "url": url, "has_more": len(shown) > limit, "data": shown[:limit]}


def _is_within(created: int, wanted: Any) -> bool:
    if not isinstance(wanted, dict):
        return created == int(wanted)
    checks = {
        "gt": created.__gt__,
        "gte": created.__ge__,
        "lt": created.__lt__,
        "lte": created.__le__,
    }
    return all(checks[name](int(value)) for name, value in wanted.items())
