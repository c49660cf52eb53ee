"""What every call shares (api-contract.md, 1.1 and 1.3): mounts, case, enums, versions, pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.api.clients import ApiClient
from workflows.models import MetadataField

FIELD = {"Name": "Cost-Center", "Description": "Who pays", "DataType": 1}


@pytest.mark.parametrize("mount", ["/api/", "/API/", "/KeyfactorAPI/", "/keyfactorapi/", "/KeyfactorApi/"])
def test_the_first_segment_is_matched_in_any_case(admin: ApiClient, mount: str) -> None:
    assert admin.at(mount).get("Status/HealthCheck").status_code == 204


def test_a_slash_at_the_end_is_accepted_and_not_redirected(admin: ApiClient) -> None:
    assert admin.get("Templates/").status_code == 200


@pytest.mark.parametrize("path", ["MetadataFields/%00", "Workflow/Definitions/Steps/%00", "Audit%00", "%00"])
def test_nothing_is_at_a_path_with_nul(admin: ApiClient, stranger: ApiClient, path: str) -> None:
    for caller in (admin, stranger):
        answer = caller.get(path)
        assert (answer.status_code, answer.json()["ErrorCode"]) == (404, "0xC0040001")


def test_enums_are_names_at_one_mount_and_integers_at_the_other(admin: ApiClient) -> None:
    named = admin.post("MetadataFields", FIELD).json()
    assert (named["DataType"], named["Enrollment"]) == ("String", "Optional")
    numbered = admin.at("/KeyfactorAPI/").get(f"MetadataFields/{named['Id']}").json()
    assert (numbered["DataType"], numbered["Enrollment"]) == (1, 0)


@pytest.mark.parametrize("given", [7, "7", "Email", "email", "EMAIL"])
@pytest.mark.parametrize("mount", ["/api/", "/KeyfactorAPI/"])
def test_enums_are_read_in_either_form_at_both_mounts(admin: ApiClient, given: object, mount: str) -> None:
    answer = admin.at(mount).post("MetadataFields", FIELD | {"DataType": given})
    assert answer.status_code == 200
    assert MetadataField.objects.get().data_type == 7


@pytest.mark.parametrize("given", [0, 99, "Emails", "", None, True, [], {}, 1.5, "9" * 50])
def test_what_is_no_member_is_400_and_lists_the_members(admin: ApiClient, given: object) -> None:
    answer = admin.post("MetadataFields", FIELD | {"DataType": given})
    assert answer.status_code == 400
    assert answer.json()["Message"].startswith("DataType: ")


@pytest.mark.parametrize("spell", [str.lower, str.upper, lambda name: name[0].lower() + name[1:]])
def test_names_in_bodies_are_read_in_any_case(admin: ApiClient, spell: Callable[[str], str]) -> None:
    answer = admin.post("MetadataFields", {spell(name): value for name, value in FIELD.items()})
    assert answer.status_code == 200
    assert answer.json()["Name"] == "Cost-Center"


def test_names_of_nested_objects_are_read_in_any_case(admin: ApiClient) -> None:
    admin.post("Security/Users", {"AccountName": "ada"})
    body = {"name": "Readers", "description": "", "identities": [{"ACCOUNTNAME": "COUNTERSIGN\\ada"}]}
    answer = admin.post("Security/Roles", body)
    assert [member["AccountName"] for member in answer.json()["Identities"]] == ["COUNTERSIGN\\ada"]


@pytest.mark.parametrize("more", [{"NAME": "x"}, {"name": "Cost-Center"}])
def test_a_name_in_two_spellings_is_refused(admin: ApiClient, more: dict[str, str]) -> None:
    answer = admin.post("MetadataFields", FIELD | more)
    assert answer.status_code == 400
    assert "Name is given twice, by names that differ in case only. Send it once." in answer.json()["Message"]
    assert not MetadataField.objects.exists()


def test_unknown_names_are_ignored(admin: ApiClient) -> None:
    assert admin.post("MetadataFields", FIELD | {"Colour": "red"}).status_code == 200


def test_all_errors_of_a_body_are_told_at_once(admin: ApiClient) -> None:
    message = admin.post("MetadataFields", {"Name": 3, "DataType": "x"}).json()["Message"]
    assert "Name: Must be text." in message
    assert "Description: " in message
    assert "DataType: Must be one of String (1), " in message


@pytest.mark.parametrize(
    ("body", "expected", "received"),
    [
        ("x", "StartObject", "String"),
        (1, "StartObject", "Integer"),
        (1.5, "StartObject", "Float"),
        (True, "StartObject", "Boolean"),
        ([], "StartObject", "StartArray"),
    ],
)
def test_the_wrong_shape_is_told_in_the_words_of_the_reference(
    admin: ApiClient, body: object, expected: str, received: str
) -> None:
    answer = admin.post("Security/Roles", body)
    assert answer.status_code == 400
    assert answer.json()["ErrorCode"] == "0xC0010002"
    wanted = f"Invalid JSON schema. Expected: '{expected}' Received: '{received}'"
    assert answer.json()["Message"] == wanted


def test_the_wrong_shape_inside_names_its_place(admin: ApiClient) -> None:
    body = {"Name": "x", "Description": "", "Identities": ["ada"]}
    message = admin.post("Security/Roles", body).json()["Message"]
    assert message == "Identities[0]: Invalid JSON schema. Expected: 'StartObject' Received: 'String'"


@pytest.mark.parametrize(
    ("given", "status"), [("1", 200), ("1.0", 200), ("2", 200), ("2.0", 200), ("3", 400), ("x", 400)]
)
def test_the_api_version_is_1_or_2(admin: ApiClient, given: str, status: int) -> None:
    assert admin.get("Templates", x_keyfactor_api_version=given).status_code == status


def test_every_answer_carries_version_and_request_id_and_is_not_kept(admin: ApiClient) -> None:
    for path in ("Templates", "Nowhere", "Status/HealthCheck"):
        answer = admin.get(path, X_Request_ID="chosen-by-the-caller")
        assert answer["x-keyfactor-product-version"] == "25.5.0.0"
        assert answer["X-Request-ID"] == "chosen-by-the-caller"
        assert answer["Cache-Control"] == "no-store"


def test_answers_are_json_in_utf_8_with_dates_in_utc(admin: ApiClient) -> None:
    answer = admin.get("Security/Users")
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    assert answer.json()[0]["CreatedAt"].endswith("Z")


@pytest.mark.parametrize(
    "accepted", ["*/*", "application/json", "text/json", "text/plain, application/json", "text/plain"]
)
def test_json_is_what_all_these_accept(admin: ApiClient, accepted: str) -> None:
    answer = admin.get("Templates", Accept=accepted)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json; charset=utf-8")


class TestPages:
    @pytest.fixture(autouse=True)
    def _fields(self, db: None) -> None:
        names = ("alpha", "Beta", "gamma", "Delta", "epsilon")
        MetadataField.objects.bulk_create(
            MetadataField(name=name, description="", display_order=order) for order, name in enumerate(names)
        )

    def names(self, client: ApiClient, query: str) -> list[str]:
        answer = client.get(f"MetadataFields?{query}")
        assert answer.status_code == 200, answer.content
        return [field["Name"] for field in answer.json()]

    def test_a_list_is_a_bare_array_in_its_default_order_with_its_total(self, admin: ApiClient) -> None:
        answer = admin.get("MetadataFields")
        assert [field["DisplayOrder"] for field in answer.json()] == [0, 1, 2, 3, 4]
        assert answer["x-total-count"] == "5"

    @pytest.mark.parametrize(
        "query",
        [
            "PageReturned=2&ReturnLimit=2&SortField=Name",
            "pagereturned=2&returnlimit=2&sortfield=name",
            "pq.pageReturned=2&pq.returnLimit=2&pq.sortField=Name",
            "PageReturned=2&ReturnLimit=2&SortField=Name&SortAscending=0",
        ],
    )
    def test_parameters_in_any_case_and_with_a_prefix(self, admin: ApiClient, query: str) -> None:
        assert self.names(admin, query) == ["Delta", "epsilon"]

    def test_descending(self, admin: ApiClient) -> None:
        assert self.names(admin, "SortField=Name&SortAscending=1&ReturnLimit=1") == ["gamma"]

    def test_query_string(self, admin: ApiClient) -> None:
        assert self.names(admin, 'queryString=name -contains "ta" AND DisplayOrder -gt 1') == ["Delta"]

    def test_every_page_says_the_whole_total(self, admin: ApiClient) -> None:
        totals = [
            admin.get(f"MetadataFields?ReturnLimit=2&PageReturned={page}")["x-total-count"]
            for page in (1, 2, 3, 9)
        ]
        assert totals == ["5", "5", "5", "5"]

    @pytest.mark.parametrize(
        "query",
        [
            "PageReturned=0",
            "PageReturned=x",
            "ReturnLimit=0",
            "ReturnLimit=-1",
            "SortField=Nothing",
            "SortAscending=7",
            "QueryString=Name -eq",
            "QueryString=Nothing -eq 1",
            "QueryString=Name -eq \x00",
            "QueryString=" + "(" * 2000,
            "PageReturned=1&pagereturned=2",
        ],
    )
    def test_what_cannot_be_understood_is_400(self, admin: ApiClient, query: str) -> None:
        answer = admin.get(f"MetadataFields?{query}")
        assert answer.status_code == 400, answer.content
        assert answer.json()["ErrorCode"] == "0xC0010003"
