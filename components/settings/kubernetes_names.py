"""The shapes of names, labels and keys that the Kubernetes API accepts."""

import re
from typing import Annotated

from pydantic import AfterValidator

DNS_LABEL = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
DNS_NAME = re.compile(rf"(?=.{{1,253}}\Z){DNS_LABEL}(\.{DNS_LABEL})*")
_WORD = r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"


def _dns_name(value: str) -> str:
    if not DNS_NAME.fullmatch(value):
        raise ValueError(
            "a name of at most 253 lower-case letters, digits, dashes and dots, in which each part "
            "starts and ends with a letter or digit"
        )
    return value


def _namespace(value: str) -> str:
    if not re.fullmatch(DNS_LABEL, value) or len(value) > 63:
        raise ValueError(
            "a namespace of at most 63 lower-case letters, digits and dashes, which starts and "
            "ends with a letter or digit"
        )
    return value


def label_value(value: str) -> str:
    """The value, if a label may have it; ValueError says what is allowed."""
    if not re.fullmatch(f"({_WORD})?", value):
        raise ValueError(
            "at most 63 letters, digits, dashes, underscores and dots, with a letter or digit at "
            "the start and at the end"
        )
    return value


def _label_key(value: str) -> str:
    """The key of a label or of an annotation."""
    prefix, slash, name = value.rpartition("/")
    if not re.fullmatch(_WORD, name) or (slash and not DNS_NAME.fullmatch(prefix)):
        raise ValueError(
            "a key such as `name` or `example.com/name`: an optional DNS name with a slash, then "
            "at most 63 letters, digits, dashes, underscores and dots"
        )
    return value


def _secret_key(value: str) -> str:
    if not re.fullmatch(r"(?!\.\.)[A-Za-z0-9._-]{1,253}", value) or value == ".":
        raise ValueError(
            "a key of a Secret: at most 253 letters, digits, dashes, underscores and dots"
        )
    return value


def _uid(value: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value):
        raise ValueError("a UID such as `2b0c7f3e-6a51-4d0e-9c56-3f6d1f6f2f10`")
    return value


Name = Annotated[str, AfterValidator(_dns_name)]
Uid = Annotated[str, AfterValidator(_uid)]
Namespace = Annotated[str, AfterValidator(_namespace)]
Label = Annotated[str, AfterValidator(label_value)]
LabelKey = Annotated[str, AfterValidator(_label_key)]
SecretKey = Annotated[str, AfterValidator(_secret_key)]
