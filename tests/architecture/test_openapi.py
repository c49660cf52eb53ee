"""The API's description moves only on purpose."""

from __future__ import annotations

import json

import pytest
from drf_spectacular.drainage import GENERATOR_STATS, reset_generator_stats
from drf_spectacular.validation import validate_schema

from tests.architecture.snapshots import assert_current
from workflows.api.profiles import Profile
from workflows.api.schema import description


def test_the_snapshot_is_current() -> None:
    text = json.dumps(description(Profile.DOCUMENTED), indent=1, ensure_ascii=False)
    assert_current("tests/architecture/openapi.json", text + "\n")


@pytest.mark.parametrize("profile", Profile)
def test_it_is_valid_and_made_without_a_warning(profile: Profile, capsys: pytest.CaptureFixture[str]) -> None:
    reset_generator_stats()
    document = description.__wrapped__(profile)
    validate_schema(document)
    assert not GENERATOR_STATS, capsys.readouterr().err


def test_every_operation_has_a_name_of_its_own() -> None:
    paths = description(Profile.DOCUMENTED)["paths"]
    names = [operation["operationId"] for verbs in paths.values() for operation in verbs.values()]
    assert len(set(names)) == len(names)
