"""Every row of the table of operations in workflow-definitions.md, 1.2, and our additions, with its right."""

from __future__ import annotations

import pytest

from tests.architecture.operations import operations

READ, MODIFY = "/workflows/definitions/read/", "/workflows/definitions/modify/"
ONE = "Workflow/Definitions/{definition_id}"
ROWS = {
    "GET Workflow/Definitions": READ,
    "POST Workflow/Definitions": MODIFY,
    f"GET {ONE}": READ,
    f"PUT {ONE}": MODIFY,
    f"DELETE {ONE}": MODIFY,
    f"PUT {ONE}/Steps": MODIFY,
    f"POST {ONE}/Publish": MODIFY,
    f"POST {ONE}/Publish/{{version}}": MODIFY,
    f"PUT {ONE}/Status": MODIFY,
    "GET Workflow/Definitions/Steps": READ,
    "GET Workflow/Definitions/Steps/{extension_name}": READ,
    "GET Workflow/Definitions/Types": READ,
}
ADDITIONS = {
    f"GET {ONE}/Compare": READ,
    f"GET {ONE}/Export": READ,
    f"GET {ONE}/Versions": READ,
    f"POST {ONE}/Copy": MODIFY,
    "GET Workflow/Definitions/Types/{workflow_type}/Tokens": READ,
    "POST Workflow/Definitions/Import": MODIFY,
    "POST Workflow/Definitions/Validate": READ,
}


def offered() -> dict[str, tuple[str, ...]]:
    return {
        f"{each.verb} {each.path}": each.permissions
        for each in operations()
        if each.path.startswith("Workflow/Definitions")
    }


@pytest.mark.parametrize(("row", "permission"), (ROWS | ADDITIONS).items())
def test_an_operation_is_there_with_its_right(row: str, permission: str) -> None:
    """Who may modify may read as well."""
    expected = (READ, MODIFY) if permission == READ else (MODIFY,)
    assert tuple(map(str, offered()[row])) == expected


def test_there_is_no_operation_that_no_row_names() -> None:
    assert sorted(offered()) == sorted(ROWS | ADDITIONS)
