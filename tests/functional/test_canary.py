"""No secret leaves its place: flows with marked ones, then a search of all that was written or said."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
import redis

from config.supervisor.children import wait_until
from tests.connectors.servers import HttpServer
from tests.connectors.smtp_server import MailSite
from tests.functional.canary import certificates, definitions, people, readers, subscribers
from tests.functional.canary.marks import Marks
from tests.functional.canary.play import COMMON_NAME, Play
from tests.product import running_product

# Where secrets are meant to be, below the data folder.
MEANT = ("secrets", "root-ca", "first-login.json")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    """Everything has been played, at the log level that tells most."""
    marks = Marks()
    settings = {"EMAIL_PASSWORD": marks.new("mail password"), "METRICS_TOKEN": marks.new("metrics token")}
    mail = MailSite(logins={b"mailer": settings["EMAIL_PASSWORD"].encode()})
    settings |= {"EMAIL_HOST": "127.0.0.1", "EMAIL_USER": "mailer", "LOG_LEVEL": "DEBUG"}
    with HttpServer().running() as site, mail.running(auth_require_tls=False):
        data = tmp_path_factory.mktemp("canary") / "data"
        with running_product(data, EMAIL_PORT=str(mail.port), **settings) as product:
            this = Play(product, site, marks)
            people.play(this)
            subscribers.play(this)
            certificates.play(this, definitions.play(this))
            readers.play(this)
            _mark_keys_of_the_installation(this)
            assert wait_until(lambda: bool(mail.mails), 30)
            assert wait_until(lambda: subscribers.PATH in {seen.path for seen in site.seen}, 30)
            assert {seen.path for seen in site.seen} >= {"/owner", "/nothing"}
            yield this


def _mark_keys_of_the_installation(this: Play) -> None:
    """The keys that `make up` has made, and the database's password."""
    for path in (this.product.data / "secrets").iterdir():
        text = path.read_text().strip()
        if path.name in ("key-encryption-keys", "audit-key"):
            this.marks.add(f"bytes of {path.name}", base64.b64decode(text.rpartition(":")[2]))
        if not path.name.endswith("-url"):
            this.marks.add(path.name, text.encode())
    if password := urlsplit(this.product.database_url).password:
        this.marks.add("database password", password.encode())
    root = (this.product.data / "root-ca" / "root-ca.key.pem").read_bytes()
    this.marks.add("root CA key", b"".join(root.splitlines()[1:-1])[-60:-20])


def test_no_answer_holds_a_secret_but_the_one_that_is_meant_to(played: Play) -> None:
    assert any(COMMON_NAME.encode() in content for _, content in played.answers)
    found = {name: played.marks.found_in(content) for name, content in played.answers}
    carriers = {name for name, names in found.items() if names}
    assert carriers == played.meant, {name: found[name] for name in carriers}
    assert {name for carrier in carriers for name in found[carrier]} == {"API token"}


def test_no_row_of_the_database_holds_a_secret(played: Play) -> None:
    with psycopg.connect(played.product.database_url) as connection:
        dump = {table: _rows(connection, table) for table in _tables(connection)}
    assert COMMON_NAME.encode() in dump["workflows_certificate"]
    assert {table: names for table, rows in dump.items() if (names := played.marks.found_in(rows))} == {}


def test_the_broker_holds_no_secret(played: Play) -> None:
    broker = redis.Redis.from_url(played.product.redis_url.replace("redis+socket", "unix"))
    held = {key: key + (broker.dump(key) or b"") for key in broker.scan_iter()}
    assert held
    assert {key: names for key, content in held.items() if (names := played.marks.found_in(content))} == {}


def test_no_file_holds_a_secret(played: Play) -> None:
    """Logs, the broker's append-only file, and the database's own files, WAL included, as raw bytes."""
    data = played.product.data
    files = [
        path for path in data.rglob("*") if path.is_file() and path.relative_to(data).parts[0] not in MEANT
    ]
    names = {path.relative_to(data).parts[0] for path in files}
    assert {"log"} <= names
    assert any(COMMON_NAME.encode() in path.read_bytes() for path in files)
    found = {path: names for path in files if (names := played.marks.found_in(path.read_bytes()))}
    assert found == {}


def test_the_terminal_shows_the_first_password_and_nothing_else(played: Play) -> None:
    output = played.product.data.with_name(f"{played.product.data.name}.output")
    assert played.marks.found_in(output.read_bytes()) == ["first password"]


def _tables(connection: psycopg.Connection) -> list[str]:
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return [name for (name,) in rows]


def _rows(connection: psycopg.Connection, table: str) -> bytes:
    """As `pg_dump` writes them: text as it is, bytes in hexadecimal."""
    with connection.cursor().copy(f'COPY "{table}" TO STDOUT') as copy:
        return b"".join(copy)
