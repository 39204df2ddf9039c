"""A stack file without its encrypted settings, and what is set in their place."""

import yaml

from operations.plan.readable import without_secrets

STACK_FILE = """
secretsprovider: awskms://alias/key
encryptedkey: abc
encryptionsalt: v1:salt
config:
  ai-platform:target: docker
  ai-platform:registry: {url: mirror.example.com, password: {secure: v1:one}}
  ai-platform:token: {secure: v1:two}
  ai-platform:list: [{secure: v1:three}, {x.y: {secure: v1:one}}]
"""


def test_what_is_not_encrypted_stays() -> None:
    readable, _ = without_secrets(STACK_FILE)
    assert yaml.safe_load(readable) == {
        "config": {
            "ai-platform:target": "docker",
            "ai-platform:registry": {"url": "mirror.example.com"},
            "ai-platform:list": ["", {}],
        }
    }


def test_each_encrypted_setting_is_named_as_pulumi_names_it() -> None:
    _, secrets = without_secrets(STACK_FILE)
    assert list(secrets) == [
        'ai-platform:registry["password"]',
        "ai-platform:token",
        "ai-platform:list[0]",
        'ai-platform:list[1]["x.y"]',
    ]


def test_what_stands_for_a_secret_changes_with_its_encrypted_text_and_only_then() -> None:
    _, secrets = without_secrets(STACK_FILE)
    one, two, three, again = secrets.values()
    assert one == again
    assert len({one, two, three}) == 3
    assert all(value.startswith("https://placeholder-") for value in secrets.values())


def test_a_stack_file_without_settings_is_one() -> None:
    readable, secrets = without_secrets("")
    assert yaml.safe_load(readable) == {"config": {}}
    assert secrets == {}
