"""The commands that make, compare and take away, on a site that says what a test wants."""

import pytest
from attrs import define, field

from adapters.cli.cloud_site import Difference, Look, Removal, SiteRefused, Standing
from adapters.cli.exits import Exit
from adapters.cli.progress import Advance
from tests.support.command_line import CommandLine

RIGHT = Look("table relexbooking-dev-Event", Standing.RIGHT)
MISSING = Look("bucket relexbooking-storage-dev", Standing.MISSING)
DIFFERS = Look("log /relexbooking/dev/server", Standing.DIFFERS, (Difference("log server: days kept", 3, 7),))
NOT_OURS = Look("table relexbooking-dev-User", Standing.NOT_OURS, (Difference("table User: tag", None, "dev"),))
LEFT = Look("parameter /relexbooking/dev/stripe_api_key", Standing.MISSING, left="aws ssm put-parameter …")


@define
class _Site:
    looks: list[Look] = field(factory=lambda: [RIGHT, MISSING, DIFFERS])
    removals: list[Removal] = field(factory=lambda: [Removal("table relexbooking-dev-Event")])
    refusing: str = ""
    deeds: list[str] = field(factory=list)

    def _do(self, deed: str) -> None:
        if self.refusing:
            raise SiteRefused(self.refusing)
        self.deeds.append(deed)

    def look(self, tell: Advance) -> list[Look]:
        tell(1, 1)
        return self.looks

    def provision(self, tell: Advance, *, adopt: bool) -> list[Look]:
        self._do("adopt" if adopt else "provision")
        return self.looks

    def removable(self, tell: Advance) -> list[Removal]:
        self._do("list")
        return self.removals

    def destroy(self, tell: Advance) -> list[Removal]:
        self._do("destroy")
        return self.removals


@pytest.fixture
def site(line: CommandLine) -> _Site:
    line.operations.given_site = site = _Site()
    return site


def test_what_was_created_and_changed_is_told_with_old_and_new(line: CommandLine, site: _Site) -> None:
    said = line.ok("aws", "provision", "--env", "dev")

    assert "bucket relexbooking-storage-dev\tcreated" in said
    assert "log server: days kept\tchanged\t3\t7" in said
    assert "1 of 3 things were as they should be." in said
    document = line.json("aws", "provision", "--env", "dev")
    assert [item["stands"] for item in document["items"]] == ["as it should be", "created", "changed"]
    assert document["items"][2]["differences"] == [{"name": "log server: days kept", "was": 3, "shall_be": 7}]


def test_a_dry_run_only_looks(line: CommandLine, site: _Site) -> None:
    said = line.ok("aws", "provision", "--env", "dev", "--dry-run")

    assert "would be created" in said
    assert "would be changed" in said
    assert site.deeds == []


def test_what_is_left_to_a_person_is_told_by_the_exit_code_too(line: CommandLine, site: _Site) -> None:
    site.looks = [RIGHT, LEFT]
    result = line.type("aws", "provision", "--env", "dev")

    assert result.exit_code == Exit.UNEXPECTED
    assert "left to you: aws ssm put-parameter" in result.stdout


def test_what_has_our_name_without_our_tag_is_a_rule_that_says_no(line: CommandLine, site: _Site) -> None:
    site.refusing = "table relexbooking-dev-User: there, and without the tag"

    assert line.type("aws", "provision", "--env", "dev").exit_code == Exit.REFUSED
    site.refusing = ""
    line.ok("aws", "provision", "--env", "dev", "--adopt")
    assert site.deeds == ["adopt"]


def test_to_verify_ends_with_each_difference_and_its_mend(line: CommandLine, site: _Site) -> None:
    site.looks = [RIGHT, MISSING, DIFFERS, NOT_OURS]
    document = line.json("aws", "verify", "--env", "dev", exit_code=Exit.UNEXPECTED)

    assert [item["mend"] for item in document["items"]] == [
        "",
        "relexbooking aws provision --env dev",
        "relexbooking aws provision --env dev",
        "relexbooking aws provision --env dev --adopt, if it is ours",
    ]
    assert site.deeds == []


def test_to_verify_what_is_right_ends_well(line: CommandLine, site: _Site) -> None:
    site.looks = [RIGHT]

    assert line.ok("aws", "verify", "--env", "dev") == "1 of 1 things were as they should be.\n"


def test_to_destroy_asks_for_the_name(line: CommandLine, site: _Site) -> None:
    assert "Type its name" in line.ok("aws", "destroy", "--env", "dev", typed="dev\n")
    assert site.deeds == ["list", "destroy"]


@pytest.mark.parametrize("typed", ["yes\n", "prod\n"])
def test_another_name_destroys_nothing(line: CommandLine, site: _Site, typed: str) -> None:
    assert line.type("aws", "destroy", "--env", "dev", typed=typed).exit_code == Exit.USAGE
    assert line.type("aws", "destroy", "--env", "dev", "--confirm", typed.strip()).exit_code == Exit.USAGE
    assert "destroy" not in site.deeds


def test_where_nobody_can_type_nothing_is_destroyed(line: CommandLine, site: _Site) -> None:
    assert line.type("aws", "destroy", "--env", "dev").exit_code != Exit.OK
    assert "destroy" not in site.deeds


def test_a_dry_run_lists_what_would_go(line: CommandLine, site: _Site) -> None:
    site.removals = [Removal("table relexbooking-dev-Event"), Removal("table relexbooking-dev-User", "it has no tag")]
    document = line.json("aws", "destroy", "--env", "dev", "--dry-run", exit_code=Exit.UNEXPECTED)

    assert [(item["became"], item["why"]) for item in document["items"]] == [
        ("would go", ""),
        ("left", "it has no tag"),
    ]
    assert site.deeds == ["list"]


def test_production_is_refused(line: CommandLine, site: _Site) -> None:
    site.refusing = "prod is never destroyed by a command"

    assert line.type("aws", "destroy", "--env", "prod", "--confirm", "prod").exit_code == Exit.REFUSED


def test_without_credentials_nothing_is_known(line: CommandLine) -> None:
    assert line.type("aws", "verify", "--env", "dev").exit_code == Exit.UNAVAILABLE


def test_an_environment_that_is_none_is_a_usage_error(line: CommandLine, site: _Site) -> None:
    assert line.type("aws", "verify", "--env", "live").exit_code == Exit.USAGE


def test_a_template_is_one_document_and_nothing_else(line: CommandLine) -> None:
    import json

    assert json.loads(line.ok("aws", "template", "--env", "dev")) == {"Description": "dev", "Resources": {}}
    assert line.json("aws", "template", "--env", "dev", "--billing")["Resources"] == {"Billing": {}}
