"""An installation at AWS for measurements: everything that `aws provision` makes, at moto's server."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

from moto.server import ThreadedMotoServer

from adapters.aws.session import open_client
from adapters.aws.site.making import AwsSite
from adapters.cli.cloud_site import nobody
from adapters.settings import Settings
from tests.support.aws import REGION
from tests.support.site import BUCKET


@contextmanager
def at_aws() -> Iterator[dict[str, str]]:
    """The variables of a process whose records, files, keys, passwords, settings and mail are all there."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    os.environ |= {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_EC2_METADATA_DISABLED": "true"}
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    settings = Settings(
        aws_region=REGION, aws_endpoint_url=url, dynamo_endpoint_url=url, base_url="https://bench.example"
    )
    AwsSite.of(settings, "dev").provision(nobody)
    open_client(settings, "sesv2").create_email_identity(EmailIdentity="example.com")
    try:
        yield {
            "RELEX_AWS_REGION": REGION,
            "RELEX_AWS_ENV": "dev",
            "RELEX_SSM_ENV": "dev",
            "RELEX_AWS_ENDPOINT_URL": url,
            "RELEX_DYNAMO_ENDPOINT_URL": url,
            "RELEX_STORE": "dynamodb",
            "RELEX_OBJECTS": "s3",
            "RELEX_S3_BUCKET": BUCKET,
            "RELEX_KEYS": "ssm",
            "RELEX_IDENTITY": "cognito",
            "RELEX_MAILER": "ses",
            "RELEX_MAIL_FROM": "tickets@example.com",
        }
    finally:
        server.stop()
