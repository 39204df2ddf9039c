"""A stack file without its encrypted settings, and the placeholders for them."""

import yaml

from operations.plan.placeholders import without_secrets

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


def test_plain_settings_stay() -> None:
    text, _ = without_secrets(STACK_FILE)
    assert yaml.safe_load(text) == {
        "config": {
            "ai-platform:target": "docker",
            "ai-platform:registry": {"url": "mirror.example.com"},
            "ai-platform:list": ["", {}],
        }
    }


def test_a_placeholder_has_the_path_in_pulumis_syntax() -> None:
    _, placeholders = without_secrets(STACK_FILE)
    assert list(placeholders) == [
        'ai-platform:registry["password"]',
        "ai-platform:token",
        "ai-platform:list[0]",
        'ai-platform:list[1]["x.y"]',
    ]


def test_a_placeholder_changes_only_with_the_encrypted_text() -> None:
    _, placeholders = without_secrets(STACK_FILE)
    one, two, three, repeated = placeholders.values()
    assert one == repeated
    assert len({one, two, three}) == 3
    assert all(value.startswith("https://placeholder-") for value in placeholders.values())


def test_an_empty_stack_file_has_no_placeholders() -> None:
    text, placeholders = without_secrets("")
    assert yaml.safe_load(text) == {"config": {}}
    assert placeholders == {}
