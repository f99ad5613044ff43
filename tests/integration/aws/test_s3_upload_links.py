"""Links to S3, sent to over a socket, past a gate that looks at signatures as S3 does; moto keeps the files."""

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from attrs import define, evolve
from botocore.credentials import Credentials

from adapters.aws.s3_objects import S3Objects
from adapters.aws.services import s3
from adapters.aws.session import AwsLine, open_client
from adapters.settings import Settings
from application.ports.object_store import ObjectMissing, ObjectStore, ObjectStoreUnavailable
from application.ports.upload_links import UploadLink
from tests.contracts.upload_links import DATA, KEY, LIFE, Desk, UploadLinksContract, expected, is_taken
from tests.support import pictures
from tests.support.aws import REGION
from tests.support.fake_clock import FakeClock
from tests.support.http_stage import Stage
from tests.support.s3_gate import Gate, opened
from tests.support.world import World

BUCKET = "relexbooking-storage-test"


@define(eq=False)
class _S3Desk:
    links: S3Objects
    objects: ObjectStore
    clock: FakeClock
    gate: Gate

    async def send(self, link: UploadLink, data: bytes) -> int:
        async with httpx.AsyncClient() as client:
            return (await client.put(link.url, content=data, headers=dict(link.headers))).status_code


@pytest.fixture
def desk(aws: Settings) -> Iterator[_S3Desk]:
    place = {"LocationConstraint": REGION}
    open_client(aws, "s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
    credentials = Credentials("AKIAOFTHETESTS", "secret-of-the-tests")
    clock = FakeClock(datetime.now(UTC))
    with opened(Gate(aws.aws_endpoint_url, credentials, REGION, clock)) as gate:
        links = S3Objects(AwsLine(open_client(evolve(aws, aws_endpoint_url=gate.url), "s3")), BUCKET)
        yield _S3Desk(links, s3(evolve(aws, s3_bucket=BUCKET)), clock, gate)


class TestS3UploadLinks(UploadLinksContract):
    @pytest.fixture
    def desk(self, desk: _S3Desk) -> Desk:
        return desk


async def test_without_the_gate_anything_comes_in(desk: _S3Desk) -> None:
    """The negative control of the contract here: it is the gate's look at the signature that refuses."""
    link = await desk.links.upload_link(expected(), LIFE)
    desk.gate.switched_off = True

    assert is_taken(await desk.send(link, DATA + b"more"))


@pytest.mark.parametrize("header", ["content-type", "x-amz-checksum-sha256", "x-amz-server-side-encryption"])
async def test_each_header_is_signed(desk: _S3Desk, header: str) -> None:
    link = await desk.links.upload_link(expected(), LIFE)

    left_out = {name: value for name, value in link.headers.items() if name != header}
    for headers in (left_out, {**link.headers, header: "text/html"}):
        assert not is_taken(await desk.send(evolve(link, headers=headers), DATA))


async def test_a_link_that_left_the_length_unsigned_would_take_any(
    desk: _S3Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of what is signed: neither length nor content."""
    client = desk.links.line.client
    bare = client.generate_presigned_url("put_object", Params={"Bucket": BUCKET, "Key": KEY}, ExpiresIn=600)

    assert is_taken(await desk.send(UploadLink(bare, {"content-type": "text/html"}), b"anything at all"))


async def test_a_link_names_the_region_and_how_long_it_lives(
    aws: Settings, desk: _S3Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host without the region answers with a redirection, which no browser follows to another origin."""
    objects = S3Objects(AwsLine(open_client(evolve(aws, aws_endpoint_url=""), "s3")), BUCKET)
    url = urlsplit((await objects.upload_link(expected(), LIFE)).url)

    assert (url.scheme, url.netloc) == ("https", f"{BUCKET}.s3.{REGION}.amazonaws.com")
    assert parse_qs(url.query)["X-Amz-Expires"] == ["600"]


async def test_without_credentials_no_link_is_made(aws: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")

    with pytest.raises(ObjectStoreUnavailable, match="NoCredentialsError"):
        await S3Objects(AwsLine(open_client(aws, "s3")), BUCKET).upload_link(expected(), LIFE)


async def test_a_picture_goes_from_the_browser_to_the_bucket_and_onto_the_page(desk: _S3Desk, tmp_path: Path) -> None:
    world = World.of(tmp_path, objects=desk.links)
    desk.gate.clock.set(datetime.now(UTC))
    async with Stage.around(world) as stage:
        organizer = await stage.organizer()
        event = await world.event(organizer.actor)
        picture = pictures.png()
        path = f"/events/{event.id}/image-uploads"

        wanted = {"media_type": "image/png", "size": len(picture), "sha256": sha256(picture).hexdigest()}
        offered = (await organizer.post(path, wanted)).json()
        assert offered["url"].startswith(desk.gate.url)
        assert is_taken(await desk.send(UploadLink(offered["url"], offered["headers"]), picture))
        shown = await organizer.post(f"{path}/{offered['name']}", {"alt": "A square"})

        assert shown.status_code == 201, shown.text
        [image] = shown.json()["images"]
        assert (await stage.stranger.get(image["url"])).status_code == 200
        with pytest.raises(ObjectMissing):
            await desk.objects.get(f"incoming/events/{event.id}/{offered['name']}")
        assert (await stage.client.put(f"/api/v1/uploads/{offered['name']}", content=picture)).status_code == 404
