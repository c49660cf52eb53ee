"""The product's settings with fixed keys, less what only a started installation has."""

from __future__ import annotations

import base64
import os

os.environ.setdefault("SECRET_KEY", "only for tests " * 4)
os.environ.setdefault("KEY_ENCRYPTION_KEYS", f"test:{base64.b64encode(bytes(range(32))).decode()}")
os.environ.setdefault("AUDIT_KEY", base64.b64encode(bytes(32)).decode())
# For the linters, which start no servers.
os.environ.setdefault("DATABASE_URL", "postgresql://localhost/nothing")
os.environ.setdefault("REDIS_URL", "redis://localhost/0")
os.environ.setdefault("OUTBOUND_ALLOW_PRIVATE", "127.0.0.1,localhost")
os.environ.setdefault("LOG_LEVEL", "WARNING")

from config.settings import *  # noqa: F403

# The hashed names come from collectstatic, which `make up` runs and a test does not.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
# Found when asked for: a list of all of them made for each client costs more than the client's requests.
WHITENOISE_AUTOREFRESH = True
STATIC_ROOT = None  # type: ignore[assignment]
# A quarter second of hashing a person is what an attacker shall pay, not every test.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
