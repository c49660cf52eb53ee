from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.connectors.smtp_server import MailSite


@pytest.fixture
def site(settings: Settings) -> Iterator[MailSite]:
    """A mail server, named by the settings."""
    with MailSite().running() as running:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running
