"""The shipped page, without an engine or a browser."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

WEB = Path(__file__).parents[4] / "images" / "web"
PAGE = WEB / "page"
ASSETS = PAGE / "assets"
HTML = (PAGE / "index.html").read_text()
FILES = sorted(path for path in PAGE.rglob("*") if path.is_file())
MODULES = sorted(ASSETS.glob("*.js"))

Attributes = dict[str, str | None]


class Elements(HTMLParser):
    """Every element of a document: its tag, its attributes, its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, Attributes]] = []
        self.inline_scripts: list[str] = []
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open = tag
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open == "script" and data.strip():
            self.inline_scripts.append(data)

    def attributes(self, name: str) -> Iterator[str]:
        for _, attributes in self.elements:
            value = attributes.get(name)
            if value is not None:
                yield value


ELEMENTS = Elements(HTML)


def test_the_page_references_only_files_that_exist() -> None:
    references = [*ELEMENTS.attributes("src"), *ELEMENTS.attributes("href")]
    local = [reference for reference in references if not reference.startswith("#")]
    assert {"/assets/main.js", "/assets/style.css", "/assets/icon.svg"} <= set(local)
    assert [name for name in local if not (PAGE / name.removeprefix("/")).is_file()] == []


def test_modules_import_only_modules_that_exist_and_all_are_used() -> None:
    imported = {"main.js"}
    for module in MODULES:
        imported.update(re.findall(r'from "\./([^"]+)"', module.read_text()))
    assert imported == {module.name for module in MODULES}


def test_modules_import_only_names_that_are_exported() -> None:
    for module in MODULES:
        for names, source in re.findall(
            r'import \{([^}]+)\} from "\./([^"]+)"', module.read_text()
        ):
            exported = set(
                re.findall(
                    r"export (?:async )?(?:function|class|const) (\w+)",
                    (ASSETS / source).read_text(),
                )
            )
            assert {name.strip() for name in names.split(",")} <= exported, module.name


def test_every_element_that_a_module_looks_up_is_in_the_page() -> None:
    present = set(ELEMENTS.attributes("id"))
    for module in MODULES:
        text = module.read_text()
        used = set(re.findall(r'(?:byId|notice|ask)\("([^"]+)"', text))
        assert used <= present, module.name
    assert {f"tile-{service}" for service in ("database", "cache", "decision")} <= present


def test_ids_are_unique() -> None:
    ids = list(ELEMENTS.attributes("id"))
    assert len(ids) == len(set(ids))


def test_nothing_in_the_page_is_inline_so_that_the_policy_needs_no_exception() -> None:
    assert ELEMENTS.inline_scripts == []
    assert "style" not in {tag for tag, _ in ELEMENTS.elements}
    attributes = {name for _, element in ELEMENTS.elements for name in element}
    assert {name for name in attributes if name == "style" or name.startswith("on")} == set()


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_modules_set_text_never_html_or_style_attributes(module: Path) -> None:
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|Function\("
    assert re.findall(forbidden + r"|setAttribute\(\"style\"", module.read_text()) == []


def test_the_policy_allows_what_the_page_loads_from_its_own_origin_and_nothing_else() -> None:
    headers = (WEB / "nginx" / "security-headers.conf").read_text()
    match = re.search(r'Content-Security-Policy "([^"]+)"', headers)
    assert match is not None
    policy = dict(part.split(maxsplit=1) for part in match[1].split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_file_names_another_origin(path: Path) -> None:
    """Fault 7: the old page called localhost:8000 from the visitor's browser."""
    text = _without_comments(path.read_text().replace("http://www.w3.org/2000/svg", ""))
    assert re.findall(r"(?:https?:)?//[\w.]+|localhost|:8000|@import", text) == []


def test_the_api_is_called_on_the_pages_own_origin() -> None:
    text = (ASSETS / "api.js").read_text()
    assert set(re.findall(r'call\([`"]([^`"?]+)', text)) == {"/api/status", "/api/decisions"}
    callers = [module.name for module in MODULES if "fetch(" in module.read_text()]
    assert callers == ["api.js"]


def test_the_token_is_kept_in_the_tab_only() -> None:
    text = "".join(module.read_text() for module in MODULES)
    assert "sessionStorage.setItem(" in text
    assert re.findall(r"localStorage|document\.cookie|indexedDB", text) == []
    assert re.findall(r"[?&](?:access_)?token=", text + HTML) == []


def test_every_field_has_a_label_and_none_has_a_name() -> None:
    labelled = {element["for"] for tag, element in ELEMENTS.elements if tag == "label"}
    fields = [element for tag, element in ELEMENTS.elements if tag == "input"]
    assert {field["id"] for field in fields} == labelled
    assert [field for field in fields if "name" in field] == []


def test_the_samples_are_observations_that_the_api_accepts() -> None:
    samples = re.findall(r'^  "([0-9a-z]+)",$', (ASSETS / "samples.js").read_text(), re.MULTILINE)
    assert len(samples) == 10
    for sample in samples:
        assert re.fullmatch("[0-9a-g]{64}", sample)
        assert len(set(sample)) > 1


def test_the_source_field_allows_what_the_api_allows() -> None:
    from service.schemas import Observation

    rule = next(
        str(item.pattern)
        for item in Observation.model_fields["source"].metadata
        if getattr(item, "pattern", None)
    )
    field = next(element for tag, element in ELEMENTS.elements if element.get("id") == "source")
    allowed = re.compile(f"(?:{field['pattern']})")
    longest = int(field["maxlength"] or 0)
    for text in ("camera-1", "a b/c:d._", "", "-a", "é", "a" * 64, "a" * 65, "a\tb", "9"):
        by_page = bool(allowed.fullmatch(text)) and len(text) <= longest
        assert by_page == bool(re.fullmatch(rule, text)), text


def _without_comments(text: str) -> str:
    return re.sub(r"(?m)^\s*//.*$|/\*.*?\*/", "", text)
