"""Every setting of Countersign, declared once: name, type, default, meaning.

A value comes from the environment variable `NAME`, else from the file that `NAME_FILE` names, else (secrets
and addresses only) from the file that `make up` wrote into `DATA/secrets`. The table in `docs/operations.md`
is made from this list.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from django.core.exceptions import ImproperlyConfigured

from config import parsing
from workflows.encryption import parse_keys

T = TypeVar("T")
ROOT = Path(__file__).resolve().parent.parent


class SettingError(ImproperlyConfigured):
    """A setting is missing or wrong; the message names it and says what is expected, never the value."""


@dataclass(frozen=True)
class Setting(Generic[T]):
    """One setting; `default` is text as it would stand in the environment, None means "must be given"."""

    name: str
    parse: Callable[[str], T]
    default: str | None
    meaning: str
    generated: bool = False  # `make up` writes it into DATA/secrets
    dropped: bool = False  # leaves os.environ once read, so that child processes never see it

    def read(self, environ: Mapping[str, str] = os.environ) -> T:
        """The value. Raises SettingError when it is missing, unreadable or not of the type."""
        raw = self._raw(environ)
        if raw is None:
            raise SettingError(
                f"{self.name} is not set. Set {self.name} or {self.name}_FILE, or run `make up`."
            )
        try:
            return self.parse(raw)
        except ValueError as error:
            raise SettingError(f"{self.name}: {error}.") from None

    def is_given(self, environ: Mapping[str, str] = os.environ) -> bool:
        """Whether the environment gives it, by value or by file; an empty variable gives nothing."""
        return bool(environ.get(self.name) or environ.get(f"{self.name}_FILE"))

    def _raw(self, environ: Mapping[str, str]) -> str | None:
        given, file = environ.get(self.name), environ.get(f"{self.name}_FILE")
        if given and file:
            raise SettingError(f"{self.name} and {self.name}_FILE are both set. Keep one of them.")
        if given:
            return given.strip()
        if file:
            return _content(self.name, Path(file))
        made = generated_file(self, environ)
        return _content(self.name, made) if made.is_file() else self.default


def _content(name: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{name}_FILE cannot be read: {type(error).__name__}.") from None


def data_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The absolute data folder; a relative one counts from the root of the checkout."""
    return ROOT / DATA.parse(environ.get("DATA", "") or "var")


def generated_file(setting: Setting[Any], environ: Mapping[str, str] = os.environ) -> Path:
    """Where `make up` keeps this setting's value."""
    if not setting.generated:
        return Path(os.devnull)
    return data_folder(environ) / "secrets" / file_name(setting)


def file_name(setting: Setting[Any]) -> str:
    """Name of the setting's file in `DATA/secrets`, as in `secret-key`."""
    return setting.name.lower().replace("_", "-")


SETTINGS: list[Setting[Any]] = []


def _declare(
    name: str, parse: Callable[[str], T], default: str | None, meaning: str, **flags: bool
) -> Setting[T]:
    setting = Setting(name, parse, default, meaning, **flags)
    SETTINGS.append(setting)
    return setting


DATA = _declare(
    "DATA", parsing.text, "var", "Folder of everything that `make up` keeps; relative to the checkout"
)
DEBUG = _declare("DEBUG", parsing.boolean, "false", "Django's debug pages; never on a server others reach")
SECRET_KEY = _declare(
    "SECRET_KEY", parsing.required, None, "Signs sessions and forms; 50 random characters", generated=True
)
KEY_ENCRYPTION_KEYS = _declare(
    "KEY_ENCRYPTION_KEYS",
    parse_keys,
    None,
    "Keys for secrets at rest, `id:base64` of 32 bytes each, separated by commas; the first one encrypts",
    generated=True,
    dropped=True,
)
AUDIT_KEY = _declare(
    "AUDIT_KEY",
    parsing.key_bytes,
    None,
    "Key of the audit entries' HMAC, 32 bytes in base64",
    generated=True,
    dropped=True,
)
DATABASE_URL = _declare(
    "DATABASE_URL",
    parsing.url("postgresql", "postgres"),
    None,
    "`postgresql://user:password@host:5432/name`; without it `make up` runs its own PostgreSQL",
    generated=True,
)
REDIS_URL = _declare(
    "REDIS_URL",
    parsing.url("redis", "rediss", "unix", "redis+socket"),
    None,
    "`redis://host:6379/0` or `unix:///path/to.sock`; without it `make up` runs its own Valkey",
    generated=True,
)
PORT = _declare("PORT", parsing.integer(1, 65535), "8000", "Port of the web server")
BIND = _declare("BIND", parsing.required, "127.0.0.1", "Address the web server listens on")
PUBLIC_URL = _declare(
    "PUBLIC_URL", parsing.origin, "", "Address people and certificates use; empty: `http://localhost:PORT`"
)
ALLOWED_HOSTS = _declare(
    "ALLOWED_HOSTS",
    parsing.host_names,
    "",
    "Further host names to answer to, beside PUBLIC_URL's and loopback",
)
TRUST_PROXY = _declare(
    "TRUST_PROXY",
    parsing.boolean,
    "false",
    "Believe `X-Forwarded-Proto` and `X-Forwarded-For`; only behind a proxy that sets them",
)
WEB_WORKERS = _declare("WEB_WORKERS", parsing.integer(1, 64), "2", "Web server processes")
WEB_THREADS = _declare("WEB_THREADS", parsing.integer(2, 256), "8", "Threads of each web server process")
WORKERS = _declare("WORKERS", parsing.integer(1, 64), "2", "Celery worker processes that `make up` starts")
WORKER_THREADS = _declare("WORKER_THREADS", parsing.integer(1, 64), "4", "Threads of each worker process")
DOMAIN_NAME = _declare(
    "DOMAIN_NAME", parsing.required, "COUNTERSIGN", "Domain in user names, as in `COUNTERSIGN\\alice`"
)
CA_HOST_NAME = _declare(
    "CA_HOST_NAME",
    parsing.required,
    "countersign.local",
    "Host part of the built-in CA's `host\\logical name`",
)
EMAIL_HOST = _declare(
    "EMAIL_HOST", parsing.text, "", "SMTP server; empty: mails are kept and read in the portal"
)
EMAIL_PORT = _declare("EMAIL_PORT", parsing.integer(1, 65535), "25", "Port of the SMTP server")
EMAIL_USER = _declare("EMAIL_USER", parsing.text, "", "User name at the SMTP server")
EMAIL_PASSWORD = _declare("EMAIL_PASSWORD", parsing.text, "", "Password at the SMTP server", dropped=True)
EMAIL_TLS = _declare("EMAIL_TLS", parsing.boolean, "false", "STARTTLS before anything is sent")
EMAIL_FROM = _declare("EMAIL_FROM", parsing.required, "countersign@localhost", "Sender of mails")
SCRIPT_RUNNER = _declare(
    "SCRIPT_RUNNER",
    parsing.text,
    "",
    "Command that runs `pwsh` under another uid; empty: PowerShell steps are off",
)
OUTBOUND_ALLOW_PRIVATE = _declare(
    "OUTBOUND_ALLOW_PRIVATE",
    parsing.networks_or_names,
    "",
    "Networks and host names that steps may reach although they are private, separated by commas",
)
ENROLL_WAIT_SECONDS = _declare(
    "ENROLL_WAIT_SECONDS",
    parsing.integer(0, 120),
    "20",
    "How long enroll and revoke wait for the first outcome",
)
DOCUMENTATION_URL = _declare(
    "DOCUMENTATION_URL",
    parsing.text,
    "",
    "Link of the help menu to your own documentation; empty: what comes with the product",
)
PURGE_AGE_DAYS = _declare(
    "PURGE_AGE_DAYS",
    parsing.integer_or_nothing(1, 36500),
    "",
    "Days after which finished workflow instances are deleted; empty: never",
)
PURGE_STATUSES = _declare(
    "PURGE_STATUSES",
    parsing.choices("Failed", "Complete", "Rejected", "CanceledForRestart"),
    "Failed,Complete,Rejected,CanceledForRestart",
    "Statuses of the instances that are deleted then, separated by commas",
)
PURGE_SCAN_MINUTES = _declare(
    "PURGE_SCAN_MINUTES",
    parsing.integer(1, 10080),
    "60",
    "Minutes from one look for old instances and audit entries to the next",
)
AUDIT_RETENTION_DAYS = _declare(
    "AUDIT_RETENTION_DAYS",
    parsing.integer_or_nothing(30, 36500),
    "2557",
    "Days that audit entries are kept, seven years unless given; 0: for ever",
)
MAX_BODY_BYTES = _declare(
    "MAX_BODY_BYTES", parsing.integer(1024, 2**30), "1048576", "Largest request body, in bytes"
)
STATEMENT_TIMEOUT = _declare(
    "STATEMENT_TIMEOUT", parsing.integer(0, 86400), "30", "Seconds a database statement may run; 0: no limit"
)
SEARCH_TIMEOUT = _declare(
    "SEARCH_TIMEOUT",
    parsing.integer(1, 3600),
    "5",
    "Seconds after which a list gives up and asks to narrow the search",
)
LOCK_TIMEOUT = _declare(
    "LOCK_TIMEOUT",
    parsing.integer(0, 3600),
    "5",
    "Seconds a database statement may wait for a lock; 0: no limit",
)
IDLE_IN_TRANSACTION_TIMEOUT = _declare(
    "IDLE_IN_TRANSACTION_TIMEOUT",
    parsing.integer(0, 3600),
    "60",
    "Seconds a transaction may lie idle; 0: no limit",
)
SIGNS_CERTIFICATES = _declare(
    "SIGNS_CERTIFICATES",
    parsing.boolean,
    "true",
    "This process may use the CAs' keys; else it leaves signing to others",
)
METRICS_TOKEN = _declare(
    "METRICS_TOKEN",
    parsing.text,
    "",
    "Bearer token for `/metrics`; empty: loopback callers only",
    dropped=True,
)
OIDC_ISSUER_URL = _declare(
    "OIDC_ISSUER_URL",
    parsing.text,
    "",
    "OpenID Connect issuer that people may log in with, `https`; empty: passwords only",
)
OIDC_CLIENT_ID = _declare("OIDC_CLIENT_ID", parsing.text, "", "Name of Countersign at the issuer")
OIDC_CLIENT_SECRET = _declare(
    "OIDC_CLIENT_SECRET", parsing.text, "", "Secret of Countersign at the issuer", dropped=True
)
OIDC_NAME = _declare("OIDC_NAME", parsing.required, "single sign-on", "What the log-in page calls the issuer")
OIDC_ROLE_CLAIM = _declare(
    "OIDC_ROLE_CLAIM",
    parsing.text,
    "",
    "Claim with the names of a person's roles, set at each log-in; empty: roles are given here alone",
)
OIDC_CREATE_USERS = _declare(
    "OIDC_CREATE_USERS", parsing.boolean, "false", "Whom the issuer knows and we do not becomes a user"
)
SECOND_FACTOR = _declare(
    "SECOND_FACTOR",
    parsing.boolean,
    "false",
    "People may protect their password with codes of an authenticator app",
)
LOG_LEVEL = _declare(
    "LOG_LEVEL",
    parsing.choice("DEBUG", "INFO", "WARNING", "ERROR"),
    "INFO",
    "Least severe log line that is written",
)


def drop_secrets() -> None:
    """Takes what must not reach child processes out of this process's environment, once it has been read."""
    for setting in SETTINGS:
        if setting.dropped:
            os.environ.pop(setting.name, None)
