from pathlib import Path

IMAGES = Path(__file__).parents[5] / "images"


def modules(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.glob("*.py")}


def test_both_images_carry_the_same_service_folder() -> None:
    backend = modules(IMAGES / "api" / "backend" / "service")
    decision = modules(IMAGES / "decision" / "decision" / "service")

    assert backend
    assert backend == decision
