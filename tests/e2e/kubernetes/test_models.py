"""Model files on a cluster: an init container fills a claim before the service starts."""

from tests.e2e import vision
from tests.e2e.kubernetes.stack import ClusterStack, ready
from tests.e2e.stack import eventually, output_of


def read(stack: ClusterStack, file: str) -> str:
    return stack.in_pod("vision", "cat", f"/models/{file}").stdout


def claims(stack: ClusterStack) -> list[str]:
    """The names of the claims for models."""
    names = (claim["metadata"]["name"] for claim in stack.get("persistentvolumeclaims")["items"])
    return [name for name in names if "vision" in name]


def test_models_are_filled_once_and_another_step_fills_another_volume(
    stack: ClusterStack,
) -> None:
    images = stack.settings["images"]
    # The first try fails, and the kubelet repeats it in the same volume.
    result = stack.up(api=vision.api(images, "first", tries=2))
    assert result.returncode == 0, output_of(result)
    assert (read(stack, "model.txt"), read(stack, "tries")) == ("first\n", "first\nfirst\n")
    assert "Read-only" in stack.in_pod("vision", "touch", "/models/x").stderr
    (first,) = claims(stack)

    before = stack.uids()
    stack.kubectl("delete", "pod", "ai-platform-vision-0", "--wait=true")
    eventually(lambda: [*map(ready, stack.pods("vision"))] == [True])
    assert stack.rolled(before) == {"vision"}
    assert read(stack, "tries") == "first\nfirst\n"

    result = stack.up(api=vision.api(images, "second"))
    assert result.returncode == 0, output_of(result)
    assert (read(stack, "model.txt"), read(stack, "tries")) == ("second\n", "second\n")
    (second,) = claims(stack)
    assert second != first

    result = stack.up()
    assert result.returncode == 0, output_of(result)
    eventually(lambda: claims(stack) == [], within=30)
