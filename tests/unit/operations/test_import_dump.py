"""What the verb `import` accepts. tests/e2e/contracts/test_import.py imports dumps."""

import gzip
import subprocess
from pathlib import Path
from types import SimpleNamespace

import click
import pytest

from operations import database_server, import_dump, stack_file
from operations.import_dump import programs
from tests.unit.describing import settings

RESTORE = "pg_restore --file=- --no-owner --no-privileges"


@pytest.mark.parametrize(
    ("head", "convert"),
    [
        (b"PGDMP\x01\x0e", RESTORE),
        (b"toc.dat".ljust(257, b"\0") + b"ustar", RESTORE),
        (b"--", "cat"),
    ],
)
def test_a_dump_is_recognised_by_its_content(tmp_path: Path, head: bytes, convert: str) -> None:
    plain, packed = tmp_path / "plain", tmp_path / "packed"
    plain.write_bytes(head)
    packed.write_bytes(gzip.compress(head))
    assert programs(plain) == ("cat", convert)
    assert programs(packed) == ("gzip -dc", convert)


def test_what_is_no_dump_is_refused(tmp_path: Path) -> None:
    with pytest.raises(click.ClickException, match="is a directory"):
        programs(tmp_path)
    (tmp_path / "cut").write_bytes(b"\x1f\x8b")
    with pytest.raises(click.ClickException, match="not a complete gzip file"):
        programs(tmp_path / "cut")


def test_only_a_service_with_its_own_database_gets_a_dump() -> None:
    services = {
        "sales-eu": {"image": "acme/sales:1", "database": {}},
        "charts": {"image": "acme/charts:1", "database": {"shared": "read-only"}},
    }
    stack = settings({"api": {"services": services}})
    assert import_dump._database(stack, "sales-eu") == "sales_eu"
    for name in ("charts", "backend", "unknown"):
        with pytest.raises(click.UsageError, match="These services have one: sales-eu"):
            import_dump._database(stack, name)


def test_hints_name_the_stack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    dump = tmp_path / "dump.sql"
    dump.write_text("SELECT 1;")
    stack = settings({"api": {"services": {"sales": {"image": "acme/sales:1", "database": {}}}}})
    monkeypatch.setattr(stack_file, "open_stack", lambda workspace: stack)
    databases: list[list[str]] = []

    def refuse(*_: object, **__: object) -> str:
        raise subprocess.CalledProcessError(1, "psql", "", "permission denied to create extension")

    server = SimpleNamespace(
        rows=lambda query, *_: databases if "pg_database" in query else [], run=refuse
    )
    monkeypatch.setattr(database_server, "of", lambda *_: server)
    with pytest.raises(click.ClickException, match=r"make up STACK=acme/prod creates it"):
        import_dump.import_dump("acme/prod", dump, "sales", replace=None)
    databases.append(["sales"])
    with pytest.raises(click.ClickException, match=r"run make up STACK=acme/prod\."):
        import_dump.import_dump("acme/prod", dump, "sales", replace=None)


def filtered(dump: str) -> subprocess.CompletedProcess[str]:
    command = ["awk", (import_dump.DIRECTORY / "filter.awk").read_text()]
    return subprocess.run(command, input=dump, capture_output=True, text=True, check=False)


KEPT = r"""CREATE TABLE public.items (id integer, note text);
COPY public.items (id, note) FROM stdin;
1	x
GRANT SELECT ON a TO b;
ALTER TABLE a OWNER TO b;
\.
INSERT INTO public.items VALUES (2, 'it''s
GRANT ALL ON a TO b;
');
COMMENT ON TABLE public.items IS 'a
REVOKE ALL ON a FROM b;
';
CREATE FUNCTION public.f() RETURNS void LANGUAGE plpgsql
    AS $_$
GRANT SELECT ON a TO b;
$_$;
CREATE INDEX i ON public.items (id);
"""
LEFT_OUT = """ALTER TABLE public.items OWNER TO old;
ALTER DEFAULT PRIVILEGES FOR ROLE old GRANT SELECT ON TABLES TO reader;
GRANT SELECT ON TABLE public.items TO reader;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
SET SESSION AUTHORIZATION 'old';
COMMENT ON EXTENSION pg_trgm IS 'text similarity';
SET transaction_timeout = 0;
\\restrict a2V5
\\unrestrict a2V5
"""


def test_roles_of_the_old_server_are_left_out_and_all_data_stays() -> None:
    result = filtered(LEFT_OUT + KEPT + LEFT_OUT)
    assert (result.returncode, result.stdout, result.stderr) == (0, KEPT, "")


@pytest.mark.parametrize(
    ("dump", "reason"),
    [
        ("\\connect other\n", "connects to a database"),
        ("\\c other\n", "connects to a database"),
        ("CREATE DATABASE other;\n", "changes databases or roles"),
        ("ALTER ROLE other SUPERUSER;\n", "changes databases or roles"),
        ("-- PostgreSQL database dump\nSELECT 1;\n", "is not complete"),
        ("COPY a FROM stdin;\n1\n", "is not complete"),
    ],
)
def test_a_dump_of_more_or_less_than_a_database_is_refused(dump: str, reason: str) -> None:
    result = filtered(dump)
    assert result.returncode == 1
    assert reason in result.stderr
