"""Lists of many instances: order, totals, facts, and searches that take too long."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from tests import builders
from tests.api.clients import ApiClient
from tests.api.listed import LIST, ids, make
from workflows.api import paging
from workflows.api.lean import sheet_of
from workflows.api.paging import few_keys, page_of, page_of_keys
from workflows.api.profiles import Profile
from workflows.api.serializers.instance_versions import shown_version
from workflows.api.serializers.instances import InstanceQuery
from workflows.models import DefinitionVersion, Instance, InstanceRecord
from workflows.search import counting
from workflows.search.paging import Page


class TestWithoutASortField:
    def test_a_list_is_sorted_by_the_step_as_the_reference_does(
        self, admin: ApiClient, seven: list[int]
    ) -> None:
        assert ids(admin) == seven[::-1]

    def test_a_long_one_comes_newest_first(
        self, admin: ApiClient, version: DefinitionVersion, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = [make(version, step=f"Step {number}").pk for number in range(5)]
        assert ids(admin) == made
        for module in ("workflows.search.counting", "workflows.api.views.lists"):
            monkeypatch.setattr(f"{module}.COUNTED", 4)
        assert ids(admin) == made[::-1]
        assert ids(admin, "SortField=CurrentStepDisplayName") == made

    def test_a_wrong_direction_is_refused_all_the_same(
        self, admin: ApiClient, seven: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(counting, "COUNTED", 4)
        assert admin.get(f"{LIST}?SortAscending=7").status_code == 400


class TestFewRows:
    @pytest.mark.parametrize("order", ["pk", "-pk", "step_display_name", "-record__title"])
    def test_a_page_of_known_keys_is_the_page(self, seven: list[int], order: str) -> None:
        rows = Instance.objects.order_by(order, "pk")
        keys = few_keys(rows)
        assert keys is not None
        for page in (Page(number, 3) for number in (1, 2, 3, 4)):
            assert page_of_keys(rows, keys, page, ["pk"]) == page_of(rows, page, ["pk"])

    @pytest.mark.parametrize("order", ["pk", "-pk", "step_display_name"])
    def test_they_may_be_read_without_the_rows(self, seven: list[int], order: str) -> None:
        rows = (
            Instance.objects.order_by(order, "pk") if "pk" not in order else Instance.objects.order_by(order)
        )
        assert few_keys(rows, lambda most: seven[::-1][:most]) == few_keys(rows)

    def test_those_that_are_not_counted_are_not_few(
        self, seven: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(paging, "COUNTED", 7)
        assert few_keys(Instance.objects.order_by("pk")) is None
        assert few_keys(Instance.objects.order_by("pk"), lambda most: seven[:most]) is None
        assert few_keys(Instance.objects.filter(pk__gt=seven[0]).order_by("pk")) == seven[1:]


def test_the_planner_is_believed_when_it_expects_far_more(
    version: DefinitionVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, guids = timezone.now(), [uuid.uuid4() for _ in range(200)]
    Instance.objects.bulk_create(
        Instance(guid=guid, version=version, started_at=now, modified_at=now) for guid in guids
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE workflows_instance")
    monkeypatch.setattr(counting, "COUNTED", 50)
    with CaptureQueriesContext(connection) as queries:
        assert counting.capped_count(Instance.objects.order_by("-pk")) == 50
    assert [query["sql"][:7] for query in queries] == ["EXPLAIN"]
    assert counting.generous_count(Instance.objects.order_by("-pk")) == 200
    monkeypatch.setattr(counting, "COUNTED", 150)
    assert counting.capped_count(Instance.objects.all()) == 150
    assert counting.capped_count(Instance.objects.filter(guid=guids[0])) == 1
    assert counting.generous_count(Instance.objects.filter(guid=guids[0])) == 1


class TestBroadSearches:
    @pytest.fixture(autouse=True)
    def _impatient(self, settings: Settings) -> None:
        settings.SEARCH_TIMEOUT = 1

    @pytest.fixture
    def slow(self, version: DefinitionVersion) -> DefinitionVersion:
        """Looking at a record takes long."""
        make(version)
        table = InstanceRecord._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} RENAME TO quick_records")
            cursor.execute(
                f"CREATE VIEW {table} AS SELECT * FROM quick_records WHERE pg_sleep(60)::text = ''"
            )
        return version

    @pytest.mark.usefixtures("slow")
    def test_they_are_told_to_be_narrower(self, admin: ApiClient) -> None:
        answer = admin.get(f"{LIST}?QueryString=InitiatingUserName -contains Timer")
        assert answer.status_code == 400
        assert answer.json()["ErrorCode"] == "0xC001000E"
        advice = "Narrow the search: by a status, a definition, a start date or a fact of the data bucket"
        assert advice in answer.json()["Message"]
        assert "sort it by ReferenceId" in answer.json()["Message"]


class TestWrittenFromColumns:
    @pytest.mark.parametrize("profile", Profile)
    def test_it_is_what_the_serializer_writes(self, seven: list[int], profile: Profile) -> None:
        sheet = sheet_of(InstanceQuery, profile)
        related = Instance.objects.select_related("record", "version__definition").order_by("pk")
        rows = Instance.objects.order_by("pk").values_list(*sheet.columns)
        expected = InstanceQuery(related, many=True, context={"profile": profile}).data
        assert [sheet.write(row) for row in rows] == expected
        assert [list(sheet.write(row)) for row in rows] == [list(row) for row in expected]

    def test_a_version_is_read_once_and_never_joined(self, admin: ApiClient, seven: list[int]) -> None:
        shown_version.cache_clear()
        with CaptureQueriesContext(connection) as captured:
            assert admin.get(LIST).json() == admin.get(LIST).json()
        versions = [each["sql"] for each in captured if "definitionversion" in each["sql"]]
        assert len(versions) == 1
        assert "workflows_instance" not in versions[0]

    def test_what_is_null_is_left_out(self, admin: ApiClient, seven: list[int]) -> None:
        Instance.objects.update(step_guid=None)
        assert "CurrentStepId" not in admin.get(LIST).json()[0]


FACTS = {
    "Template": "WebServer",
    "CertificateId": 4711,
    "IsPFX": False,
    "Hosts": ["a.keyexample.com", "b.keyexample.com"],
    "AdditionalAttributes": {"Department": "Payments"},
    "SANs": {"DNS Name": {"Entry 1": "a.keyexample.com"}},
    "InitiatingUserName": "COUNTERSIGN\\caller0",
    "Version": "12",
}


class TestFacts:
    @pytest.mark.parametrize(
        ("query", "is_found"),
        [
            ('Data.Template -eq "WebServer"', True),
            ("data.Template -eq WebServer AND Status -eq Running", True),
            ('Data.Template -eq "webserver"', False),
            ("Data.template -eq WebServer", False),
            ("Data.CertificateId -eq 4711", True),
            ('Data.CertificateId -eq "4711"', True),
            ("Data.CertificateId -eq 471", False),
            ("Data.Version -eq 12", True),
            ("Data.IsPFX -eq False", True),
            ("Data.IsPFX -eq true", False),
            ("Data.Hosts -eq b.keyexample.com", True),
            ("Data.Hosts -eq keyexample", False),
            ("Data.AdditionalAttributes.Department -eq Payments", True),
            ("Data.AdditionalAttributes.Department -eq Retail", False),
            ('"Data.SANs.DNS Name.Entry 1" -eq a.keyexample.com', True),
            ("Data.InitiatingUserName -eq %ME%", True),
            ("Data.Template -ne WebServer", False),
            ("Data.Template -ne CodeSigning", True),
            ("Data.Nothing -ne x", True),
            (f"Data{'.a' * 64} -eq x", False),
            ("Data.Nothing -eq x OR Data.Template -eq WebServer", True),
            ('Data.Template -eq "\'; DROP TABLE x --"', False),
        ],
    )
    def test_they_find_by_equality(
        self, admin: ApiClient, version: DefinitionVersion, query: str, is_found: bool
    ) -> None:
        instance = make(version, **FACTS)
        assert ids(admin, f"QueryString={query}") == ([instance.pk] if is_found else [])

    @pytest.mark.parametrize(
        ("query", "character", "problem"),
        [
            ("Data.Template -contains Web", 15, "cannot be compared by -contains; it takes -eq, -ne."),
            (
                "Status -eq 1 AND Data.Template -eq NULL",
                36,
                "cannot be compared with NULL. Name a value, as Data.T",
            ),
            ("Data. -eq 1", 1, "there is no field 'Data.'"),
            ("Data..X -eq 1", 1, ", Data.<name> (with dots: up to 64 names)."),
            (f"Status -eq 1 OR Data{'.a' * 65} -eq 1", 17, "there is no field 'Data.a.a."),
            (f"Data{'.a' * 3900} -eq 1", 1, "there is no field 'Data.a.a."),
            ("Data -eq 1", 1, "there is no field 'Data'"),
        ],
    )
    def test_mistakes_are_pointed_at(
        self, admin: ApiClient, query: str, character: int, problem: str
    ) -> None:
        answer = admin.get(f"{LIST}?QueryString={query}")
        assert answer.status_code == 400
        assert f"at character {character}:" in answer.json()["Message"]
        assert problem in answer.json()["Message"]

    def test_no_list_is_sorted_by_them(self, admin: ApiClient) -> None:
        assert admin.get(f"{LIST}?SortField=Data.Template").status_code == 400


class TestByDefinition:
    @pytest.mark.parametrize(
        ("query", "is_found"),
        [
            ("DefinitionDisplayName -eq nothing", True),
            ("DefinitionDisplayName -contains OTH", True),
            ("DefinitionDisplayName -ne nothing", False),
            ("DefinitionDisplayName -eq NULL", False),
            ("DefinitionDisplayName -ne NULL", True),
            ("WorkflowType -eq expiration", True),
            ("WorkflowType -startswith exp", True),
            ("WorkflowType -eq Enrollment", False),
            ("WorkflowType -ne Enrollment", True),
            ("StartDate -eq %TODAY%", True),
            ("StartDate -lt %TODAY%", False),
        ],
    )
    def test_it_is_found_through_the_few_definitions(
        self, admin: ApiClient, version: DefinitionVersion, query: str, is_found: bool
    ) -> None:
        instance = make(version)
        assert ids(admin, f"QueryString={query}") == ([instance.pk] if is_found else [])

    def test_by_its_guid(self, admin: ApiClient, version: DefinitionVersion) -> None:
        instance = make(version)
        guid = version.definition.guid
        assert ids(admin, f"QueryString=DefinitionId -eq {guid}") == [instance.pk]
        assert ids(admin, f"QueryString=DefinitionId -ne {guid}") == []
        assert ids(admin, f"QueryString=DefinitionId -eq {uuid.uuid4()}") == []

    @pytest.mark.parametrize("field", ["DefinitionDisplayName", "DefinitionId", "WorkflowType", "StartDate"])
    def test_lists_are_sorted_by_what_is_shown(
        self, admin: ApiClient, version: DefinitionVersion, field: str
    ) -> None:
        other = builders.publish(builders.noops(3), name="A first one")
        made = [make(version).pk, make(other).pk]
        if field == "DefinitionDisplayName":
            made.reverse()
        if field == "DefinitionId" and version.definition.guid > other.definition.guid:
            made.reverse()
        assert ids(admin, f"SortField={field}") == made
