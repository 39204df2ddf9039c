"""The bucket that gets an encrypted copy of the backups and of the files of services."""

from typing import Annotated

from pydantic import Field, SecretStr

from components.settings.addresses import OfWebServer
from components.settings.outside import OutsideAddresses
from components.settings.schedules import Schedule
from components.settings.shapes import Pem, Shape

# The secrets that open a bucket and what is in it, by the key that has the value.
OFFSITE_SECRETS = {
    "access_key": "backup-access-key",
    "secret_key": "backup-secret-key",
    "passphrase": "backup-passphrase",
}

Endpoint = Annotated[
    str,
    Shape(
        r"^https?://[^/?#@\s]+$",
        "the URL of an S3-compatible server without a path, such as `https://s3.example.com`",
    ),
    OfWebServer,
]
Bucket = Annotated[
    str,
    Shape(
        r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
        "the name of a bucket: 3 to 63 lower-case letters, digits, dots and dashes",
    ),
]
Prefix = Annotated[
    str,
    Shape(
        r"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$",
        "a path in the bucket without a slash at its ends, such as `ai-platform/prod`",
    ),
]
Region = Annotated[str, Shape(r"^[a-z0-9-]{1,63}$", "a region such as `eu-central-1`")]


class Offsite(OutsideAddresses):
    """An S3-compatible bucket, which gets an encrypted copy of the backups and of the kept files of
    services."""

    EXAMPLE = """
        config:
          ai-platform:data:
            backup:
              offsite:
                endpoint: https://s3.example.com
                bucket: ai-platform-backups
                prefix: prod
                region: eu-central-1
                cidrs: [203.0.113.0/24]   # required on Kubernetes
                # pulumi config set --secret --path 'ai-platform:data.backup.offsite.access_key'
                access_key:
                  secure: v1:3k0Yb2dQx1s=:hT8w
                secret_key:
                  secure: v1:m2TzQ7bq9X0=:w4cK
                passphrase:               # keep a copy of it outside the platform
                  secure: v1:Wb0c7Yw0sNq=:9d4F
    """

    endpoint: Endpoint = Field(description="The URL of the S3-compatible server.")
    bucket: Bucket = Field(description="The bucket, which must exist.")
    prefix: Prefix | None = Field(
        None,
        description="A path in the bucket for this stack. Two stacks must not share one.",
    )
    region: Region | None = Field(
        None, description="The bucket's region, for servers that ask for one."
    )
    ca: Pem | None = Field(
        None,
        description="The certificate of the authority that signed the server's certificate, as PEM "
        "text. By default the public authorities are trusted.",
    )
    files: bool = Field(
        True,
        description="Whether the kept volumes of services (`data_volume`) are copied too, besides "
        "the database.",
    )
    schedule: Schedule = Field(
        "*/10 * * * *",
        description="When the copy is brought up to date, as five cron fields in UTC. What was "
        "written since then is lost with the cluster.",
    )
    access_key: SecretStr | None = Field(
        None,
        description="The name of the login at the server. Set it with `--secret`, or name a Secret "
        "that contains it in `kubernetes.secrets`, as `backup-access-key`.",
    )
    secret_key: SecretStr | None = Field(
        None,
        description="The password of `access_key`. Set it with `--secret`, or name a Secret that "
        "contains it in `kubernetes.secrets`, as `backup-secret-key`.",
    )
    passphrase: SecretStr | None = Field(
        None,
        description="What the copy is encrypted with. Without it nobody can read the copy, so keep "
        "it outside the platform as well: the platform does not generate it, because it would be "
        "lost with the stack's state. Set it with `--secret`, or name a Secret that contains it in "
        "`kubernetes.secrets`, as `backup-passphrase`.",
    )

    @property
    def place(self) -> tuple[str, str, str | None]:
        """Where it is. Stacks with different servers must not share it."""
        return self.endpoint, self.bucket, self.prefix
