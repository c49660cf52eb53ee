"""A fresh installation answers, lets its first administrator in and nobody else."""

from __future__ import annotations

import httpx2

from tests.product import Product


def test_the_first_login_works_and_a_wrong_password_does_not(
    live_product: Product, administrator: httpx2.Client
) -> None:
    assert administrator.get("/KeyfactorAPI/Workflow/Definitions").status_code == 200
    with live_product.client(password="a wrong guess") as stranger:
        assert stranger.get("/KeyfactorAPI/Workflow/Definitions").status_code == 401


def test_the_first_login_is_for_its_owner_alone(live_product: Product) -> None:
    assert (live_product.data / "first-login.json").stat().st_mode & 0o777 == 0o600


def test_no_secret_is_written_to_a_log(live_product: Product) -> None:
    secrets = [path.read_text().strip() for path in (live_product.data / "secrets").iterdir()]
    logs = live_product.logs()
    assert [secret for secret in (*secrets, live_product.password) if secret in logs] == []
