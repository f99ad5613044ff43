"""Commands that make, compare and take away what an installation has at AWS."""

import json
from collections.abc import Sequence
from typing import Any, Final

import click

from adapters.cli.cloud_site import Difference, Look, Removal, Standing
from adapters.cli.exits import Exit
from adapters.cli.operations import Operations
from adapters.cli.progress import progress
from adapters.cli.showing import Answer, Part, Table
from adapters.cli.verbs import standalone

ENVIRONMENTS: Final = ("dev", "staging", "prod")
_SHOWN_MAX: Final = 100
_ENV: Final = click.option("--env", "environment", type=click.Choice(ENVIRONMENTS), required=True, help="Which one.")


@standalone(
    "provision",
    "relexbooking aws provision --env dev --dry-run\n"
    "relexbooking aws provision --env prod\n"
    "relexbooking aws provision --env staging --json",
)
@_ENV
@click.option("--dry-run", is_flag=True, help="Tell what would be created and changed, and change nothing.")
@click.option(
    "--adopt", is_flag=True, help="Mark what is there under our names as ours, such as tables the server made."
)
def provision(operations: Operations, environment: str, *, dry_run: bool, adopt: bool) -> Answer:
    """Make tables, bucket, user pool, policy, logs, alarms and dashboard. Asked again, it changes nothing."""
    site = operations.site(environment)
    with progress(f"AWS, {environment}") as tell:
        looks = site.look(tell) if dry_run else site.provision(tell, adopt=adopt)
    words = _WOULD if dry_run else _DID
    left = [look for look in looks if look.left or (dry_run and look.standing is Standing.NOT_OURS)]
    return Answer(
        {"environment": environment, "dry_run": dry_run, "items": [_document(look, words) for look in looks]},
        _parts(looks, words),
        Exit.UNEXPECTED if left else Exit.OK,
    )


@standalone("verify", "relexbooking aws verify --env prod\nrelexbooking aws verify --env prod --json")
@_ENV
def verify(operations: Operations, environment: str) -> Answer:
    """Compare what is at AWS with the description; exit code 1 with each difference and the mend."""
    site = operations.site(environment)
    with progress(f"AWS, {environment}") as tell:
        looks = site.look(tell)
    wrong = [look for look in looks if look.standing is not Standing.RIGHT]
    mends = [(look.subject, _mend(look, environment)) for look in wrong]
    document = {
        "environment": environment,
        "items": [_document(look, _IS) | {"mend": _mend(look, environment)} for look in looks],
    }
    table = Table(("thing", "mend"), mends)
    parts = (*_parts(looks, _IS), *((table,) if wrong else ()))
    return Answer(document, parts, Exit.UNEXPECTED if wrong else Exit.OK)


@standalone("destroy", "relexbooking aws destroy --env dev --dry-run\nrelexbooking aws destroy --env dev --confirm dev")
@_ENV
@click.option("--confirm", help="The name of the environment once more; asked for without it.")
@click.option("--dry-run", is_flag=True, help="List what would be taken away, and change nothing.")
def destroy(operations: Operations, environment: str, confirm: str | None, *, dry_run: bool) -> Answer:
    """Take away what is ours with all records and files in it. Never production, and nothing without our tag."""
    site = operations.site(environment)
    with progress(f"AWS, {environment}") as tell:
        removals = site.removable(tell)
    if not dry_run:
        typed = confirm or click.prompt(f"All of {environment} goes, {len(removals)} things. Type its name")
        if typed != environment:
            raise click.UsageError(f"{typed!r} is not {environment!r}: nothing was changed")
        with progress(f"AWS, {environment}") as tell:
            removals = site.destroy(tell)
    gone = "would go" if dry_run else "gone"
    rows = [(removal.subject, f"left: {removal.left}" if removal.left else gone) for removal in removals]
    document = {"environment": environment, "dry_run": dry_run, "items": [_removal(each, gone) for each in removals]}
    table: Part = Table(("thing", "became"), rows) if rows else "There is nothing of it."
    return Answer(document, (table,), Exit.UNEXPECTED if any(each.left for each in removals) else Exit.OK)


@standalone(
    "template",
    "relexbooking aws template --env prod > prod.json\nrelexbooking aws template --env prod --billing > billing.json",
)
@_ENV
@click.option("--billing", is_flag=True, help="The alarm of costs alone, for a stack in us-east-1.")
def template(operations: Operations, environment: str, *, billing: bool) -> Answer:
    """The same as a template of CloudFormation, in JSON. Needs no credentials."""
    document = operations.site_template(environment, is_billing=billing)
    return Answer(document, (json.dumps(document, indent=1),), is_bare=True)


_IS: Final = {standing: str(standing) for standing in Standing}
_WOULD: Final = _IS | {Standing.MISSING: "would be created", Standing.DIFFERS: "would be changed"}
_DID: Final = _IS | {Standing.MISSING: "created", Standing.DIFFERS: "changed", Standing.NOT_OURS: "adopted"}


def _parts(looks: Sequence[Look], words: dict[Standing, str]) -> tuple[Part, ...]:
    rows = [row for look in looks if look.standing is not Standing.RIGHT for row in _rows(look, words)]
    right = sum(look.standing is Standing.RIGHT for look in looks)
    table = Table(("thing", "stands", "was", "shall be"), rows)
    return (*((table,) if rows else ()), f"{right} of {len(looks)} things were as they should be.")


def _rows(look: Look, words: dict[Standing, str]) -> list[tuple[str, str, str, str]]:
    said = f"left to you: {look.left}" if look.left else words[look.standing]
    if not look.differences:
        return [(look.subject, said, "", "")]
    return [(each.name, said, _shown(each.was), _shown(each.shall_be)) for each in look.differences]


def _shown(value: Any) -> str:
    words = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return words if len(words) <= _SHOWN_MAX else f"{words[:_SHOWN_MAX]}…"


def _mend(look: Look, environment: str) -> str:
    if look.standing is Standing.RIGHT:
        return ""
    if look.left:
        return look.left
    adopt = " --adopt, if it is ours" if look.standing is Standing.NOT_OURS else ""
    return f"relexbooking aws provision --env {environment}{adopt}"


def _document(look: Look, words: dict[Standing, str]) -> dict[str, Any]:
    return {
        "thing": look.subject,
        "stands": words[look.standing],
        "differences": [_difference(each) for each in look.differences],
        "left_to_you": look.left,
    }


def _difference(difference: Difference) -> dict[str, Any]:
    return {"name": difference.name, "was": difference.was, "shall_be": difference.shall_be}


def _removal(removal: Removal, gone: str) -> dict[str, Any]:
    return {"thing": removal.subject, "became": "left" if removal.left else gone, "why": removal.left}
