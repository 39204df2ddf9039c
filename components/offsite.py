"""The bucket that gets an encrypted copy of what the platform keeps: who reaches it, and how."""

from typing import Any

from components.addresses import Outside
from components.container import File
from components.settings import OFFSITE_SECRETS, Offsite, revealed, url_port
from components.text import Secret, Text

CA = "/etc/ai-platform/offsite-ca.crt"


def reach(offsite: Offsite) -> Outside:
    return Outside(
        name="backup-bucket",
        ports=(url_port(offsite.endpoint),),
        cidrs=tuple(offsite.cidrs or ()),
    )


def files(offsite: Offsite) -> tuple[File, ...]:
    """The files that `configuration` names."""
    secrets = [secret(offsite, key) for key in OFFSITE_SECRETS]
    ca = (File(path=CA, content=Text(template=offsite.ca)),) if offsite.ca else ()
    return (*(File(path=secret.path, content=secret.text) for secret in secrets), *ca)


def configuration(offsite: Offsite, name: str) -> dict[str, Any]:
    """What a program needs to copy something to the bucket, below this name. It has no secret."""
    path = "/".join(filter(None, (offsite.bucket, offsite.prefix, name)))
    return {
        "repository": f"s3:{offsite.endpoint}/{path}",
        "region": offsite.region,
        **{f"{key}_file": secret(offsite, key).path for key in OFFSITE_SECRETS},
        "ca_file": CA if offsite.ca else None,
        "schedule": offsite.schedule,
    }


def secret(offsite: Offsite, key: str) -> Secret:
    """A secret of the bucket, by its key in the settings. It is never generated."""
    return Secret(name=OFFSITE_SECRETS[key], keep=True, value=revealed(getattr(offsite, key)))
