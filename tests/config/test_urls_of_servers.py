"""DATABASE_URL and REDIS_URL in the spellings that Django, the Redis client and Celery want."""

from __future__ import annotations

import pytest
from kombu import Connection
from redis.connection import parse_url

from config.databases import database
from config.env import SettingError
from config.redis_urls import for_celery, for_client


def test_every_part_of_a_database_address_is_taken() -> None:
    entry = database(
        "postgresql://u:p%40ss@db:5433/name?sslmode=require", threads=8, limits={"lock_timeout": 5}
    )
    assert (entry["USER"], entry["PASSWORD"], entry["HOST"], entry["PORT"], entry["NAME"]) == (
        *("u", "p@ss", "db", "5433"),
        "name",
    )
    assert entry["OPTIONS"]["sslmode"] == "require"
    assert entry["OPTIONS"]["options"] == "-c lock_timeout=5s"
    assert entry["OPTIONS"]["pool"]["max_size"] == 10


def test_a_database_address_that_cannot_be_understood_is_not_repeated() -> None:
    with pytest.raises(SettingError) as caught:
        database("postgresql://u:hunter2@[::1/x", threads=1, limits={})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("url", ["unix:///a%20b/v.sock?db=2", "redis+socket:///a%20b/v.sock?virtual_host=2"])
def test_a_socket_is_understood_by_both_clients(url: str) -> None:
    assert parse_url(for_client(url))["path"] == "/a b/v.sock"
    assert parse_url(for_client(url))["db"] == 2
    assert for_celery(for_client(url)) == "redis+socket:///a%20b/v.sock?virtual_host=2"
    assert Connection(for_celery(url)).transport_cls == "redis"


def test_other_addresses_stay_as_they_are() -> None:
    assert for_client("rediss://host/1") == for_celery("rediss://host/1") == "rediss://host/1"
