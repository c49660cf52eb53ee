"""The OpenAPI snapshot: `python -m tests.openapi` compares, `--write` writes it anew."""

from __future__ import annotations

import difflib
import io
import sys
from pathlib import Path

import django
from django.core.management import call_command

SNAPSHOT = Path(__file__).resolve().parent / "architecture" / "openapi.yaml"


def current() -> str:
    """The schema that the code describes; a warning of the generator is an error."""
    output = io.StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=output)
    return output.getvalue()


def main() -> int:
    django.setup()
    found = current()
    if "--write" in sys.argv:
        SNAPSHOT.write_text(found, encoding="utf-8")
        return 0
    kept = SNAPSHOT.read_text(encoding="utf-8") if SNAPSHOT.exists() else ""
    difference = list(
        difflib.unified_diff(kept.splitlines(), found.splitlines(), "snapshot", "code", lineterm="", n=1)
    )
    if difference:
        print("\n".join([*difference[:60], "The API has changed. If it was meant to: make openapi"]))
    return int(bool(difference))


if __name__ == "__main__":
    sys.exit(main())
