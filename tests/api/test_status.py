"""Status: the API answers, and says what may be used."""

from __future__ import annotations

from tests.api.clients import ApiClient


def test_health_is_204(stranger: ApiClient) -> None:
    answer = stranger.get("Status/HealthCheck")
    assert answer.status_code == 204
    assert answer["x-keyfactor-product-version"] == "25.5.0.0"


def test_endpoints_are_those_the_caller_may_use(admin: ApiClient, stranger: ApiClient) -> None:
    assert "GET /Status/Endpoints" in admin.get("Status/Endpoints/").json()
    assert "GET /Status/HealthCheck" in stranger.get("Status/Endpoints").json()


def test_nobody_is_asked_for_credentials(db: None) -> None:
    answer = ApiClient().get("Status/Endpoints")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Basic")
    assert answer.json()["ErrorCode"] == "0xC0020001"
    assert answer.json()["RequestId"] == answer["X-Request-ID"]
