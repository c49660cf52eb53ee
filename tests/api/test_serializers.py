"""The base of all shapes: names, nulls, free maps, enums of flags."""

from __future__ import annotations

import enum
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import serializers

from workflows.api.casing import declared_names, snake_case
from workflows.api.profiles import Profile
from workflows.api.serializers.base import FreeMap, Integer, Serializer, Text
from workflows.api.serializers.enums import EnumField, read_enum
from workflows.vocabulary.enrollment import EnrollmentType


@pytest.mark.parametrize(
    ("name", "attribute"),
    [
        ("DisplayName", "display_name"),
        ("CARequestId", "ca_request_id"),
        ("SANs", "sans"),
        ("IssuedDN", "issued_dn"),
        ("KeyfactorID", "keyfactor_id"),
        ("CRLDistributionPoints", "crl_distribution_points"),
        ("SSLLocations", "ssl_locations"),
        ("AllowAPI", "allow_api"),
        ("accountName", "account_name"),
        ("Id", "id"),
        ("force", "force"),
    ],
)
def test_attributes_of_names(name: str, attribute: str) -> None:
    assert snake_case(name) == attribute


class Inner(Serializer):
    CARowId = Integer()


class Outer(Serializer):
    DisplayName = Text(allow_null=True)
    Kind = EnumField(EnrollmentType)
    Since = serializers.DateTimeField()
    Data = FreeMap()
    Rows = Inner(many=True, required=False)


def test_null_is_written_only_where_it_is_declared() -> None:
    row = SimpleNamespace(display_name=None, kind=None, since=None, data={}, rows=[])
    assert Outer(row).data == {"DisplayName": None, "Data": {}, "Rows": []}


def test_free_maps_keep_their_names_but_no_empty_one() -> None:
    given_map = {"camelCase": 1, "": 2, "deep": [{"": 3, "UPPER": {"": 4}}]}
    assert FreeMap().to_representation(given_map) == {"camelCase": 1, "deep": [{"UPPER": {}}]}


def test_free_maps_are_read_as_they_are() -> None:
    read = Outer(
        data={"displayname": "x", "KIND": 1, "since": "2026-11-22T00:00:00Z", "data": {"dIsPlAy": 1}}
    )
    assert read.is_valid(), read.errors
    assert read.validated_data["data"] == {"dIsPlAy": 1}


def test_nested_shapes_are_read_under_their_attributes() -> None:
    body = {
        "DisplayName": "x",
        "Kind": 0,
        "Since": "2026-11-22T00:00:00Z",
        "Data": {},
        "rows": [{"caRowId": 5}],
    }
    read = Outer(data=body)
    assert read.is_valid(), read.errors
    assert read.validated_data["rows"] == [{"ca_row_id": 5}]


@pytest.mark.parametrize(
    ("given_value", "member"), [(3, 3), ("3", 3), ("PFX, CSR", 3), ("csr", 2), ("Disabled", 0)]
)
def test_flags_are_read_as_sums_and_as_names(given_value: object, member: int) -> None:
    assert read_enum(EnrollmentType, given_value) == member


@pytest.mark.parametrize("given_value", [4, -1, "4", "CSR,", "CSR|PFX"])
def test_what_is_no_flag_is_refused(given_value: object) -> None:
    with pytest.raises(ValueError, match="Disabled"):
        read_enum(EnrollmentType, given_value)


def test_flags_are_written_by_profile() -> None:
    both = SimpleNamespace(kind=3)

    class Shape(Serializer):
        Kind = EnumField(EnrollmentType)

    assert Shape(both, context={"profile": Profile.DOCUMENTED}).data == {"Kind": "PFX, CSR"}
    assert Shape(both, context={"profile": Profile.WIRE}).data == {"Kind": 3}


class Signed(enum.IntEnum):
    Back = -1
    None_ = 0


def test_negative_numbers_and_unknown_ones() -> None:
    assert read_enum(Signed, "-1") is Signed.Back
    field = EnumField(Signed)
    assert field.to_representation(77) == 77


@given(st.dictionaries(st.text(), st.integers()))
def test_any_names_are_mapped_or_left_out(given_map: dict[str, int]) -> None:
    assert set(declared_names(given_map, ("Name", "Id"))) <= {"Name", "Id"}
