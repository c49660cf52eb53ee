"""Django's settings; what differs between machines comes from `config.env`."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

# Celery's application too: without it, what sends a task would talk to Celery's default broker.
from config import celery, env, logs, redis_urls, sso  # noqa: F401
from config.databases import database
from workflows.connectors.addresses import OutboundPolicy

BASE_DIR = env.ROOT
DATA = env.data_folder()
DEBUG = env.DEBUG.read()
SECRET_KEY = env.SECRET_KEY.read()
KEY_ENCRYPTION_KEYS = env.KEY_ENCRYPTION_KEYS.read()
AUDIT_KEY = env.AUDIT_KEY.read()

# --- addresses ---------------------------------------------------------------------------------------------
PORT = env.PORT.read()
PUBLIC_URL = env.PUBLIC_URL.read() or f"http://localhost:{PORT}"
_public = urlsplit(PUBLIC_URL)
ALLOWED_HOSTS = [*{_public.hostname or "", "localhost", "127.0.0.1", "[::1]", *env.ALLOWED_HOSTS.read()}]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False
TRUST_PROXY = env.TRUST_PROXY.read()
if TRUST_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- the product -------------------------------------------------------------------------------------------
DOMAIN_NAME = env.DOMAIN_NAME.read()
CA_HOST_NAME = env.CA_HOST_NAME.read()
SCRIPT_RUNNER = env.SCRIPT_RUNNER.read()
OUTBOUND_POLICY = OutboundPolicy.of(env.OUTBOUND_ALLOW_PRIVATE.read())
# Defaults of application settings, which an administrator may change in the portal.
ENROLL_WAIT_SECONDS = env.ENROLL_WAIT_SECONDS.read()
DOCUMENTATION_URL = env.DOCUMENTATION_URL.read()
PURGE_AGE_DAYS = env.PURGE_AGE_DAYS.read()
PURGE_STATUSES = env.PURGE_STATUSES.read()
PURGE_SCAN_MINUTES = env.PURGE_SCAN_MINUTES.read()
AUDIT_RETENTION_DAYS = env.AUDIT_RETENTION_DAYS.read()
SIGNS_CERTIFICATES = env.SIGNS_CERTIFICATES.read()
SEARCH_TIMEOUT = env.SEARCH_TIMEOUT.read()
METRICS_TOKEN = env.METRICS_TOKEN.read()
WEB_THREADS = env.WEB_THREADS.read()
WORKER_THREADS = env.WORKER_THREADS.read()

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "django_htmx",
    "lucide",
    *sso.APPS,
    "workflows",
    "portal",
]
MIDDLEWARE = [
    "config.middleware.request_id",
    "config.middleware.caller_address",
    "config.middleware.security_headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.middleware.Door",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["django.templatetags.static", "lucide.templatetags.lucide"],
        },
    }
]

# --- PostgreSQL and Redis ----------------------------------------------------------------------------------
DATABASES = {
    "default": database(
        env.DATABASE_URL.read(),
        threads=max(WEB_THREADS, WORKER_THREADS),
        limits={
            "statement_timeout": env.STATEMENT_TIMEOUT.read(),
            "lock_timeout": env.LOCK_TIMEOUT.read(),
            "idle_in_transaction_session_timeout": env.IDLE_IN_TRANSACTION_TIMEOUT.read(),
        },
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = redis_urls.for_client(env.REDIS_URL.read())
CELERY_BROKER_URL = redis_urls.for_celery(REDIS_URL)

# --- people ------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "workflows.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "portal:login"
LOGIN_REDIRECT_URL = "portal:home"
OIDC = sso.issuer()
SECOND_FACTOR = env.SECOND_FACTOR.read()
MFA_TOTP_TOLERANCE = 1  # half a minute early or late; RFC 6238, 5.2
SOCIALACCOUNT_ADAPTER = "portal.sso.SingleSignOn"
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _public.scheme == "https"

# --- what browsers are told --------------------------------------------------------------------------------
CSRF_FAILURE_VIEW = "portal.views.errors.csrf_failure"
FILE_UPLOAD_HANDLERS = ["portal.uploads.SmallFiles"]
DATA_UPLOAD_MAX_MEMORY_SIZE = env.MAX_BODY_BYTES.read()
SECURE_CSP = {  # Django 6's name: the upgrade deletes our middleware and keeps this
    "default-src": ["'self'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
    "object-src": ["'none'"],
    "img-src": ["'self'", "data:"],
}
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if _public.scheme == "https" else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

SILENCED_SYSTEM_CHECKS = [
    "drf_spectacular.W001",  # it sees both mounts at once; each describes only itself
    "security.W001",  # config.middleware.security_headers sends these headers
    "security.W002",  # and this one
]

# --- static files ------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- mail --------------------------------------------------------------------------------------------------
EMAIL_HOST = env.EMAIL_HOST.read()
EMAIL_PORT = env.EMAIL_PORT.read()
EMAIL_HOST_USER = env.EMAIL_USER.read()
EMAIL_HOST_PASSWORD = env.EMAIL_PASSWORD.read()
EMAIL_USE_TLS = env.EMAIL_TLS.read()
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.EMAIL_FROM.read()

# --- language, time, logs ----------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
LOG_LEVEL = env.LOG_LEVEL.read()
LOGGING = logs.logging_config(LOG_LEVEL)
logs.configure()

# --- API ---------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "workflows.api.schema.ApiSchema",
    "EXCEPTION_HANDLER": "workflows.api.errors.handle",
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "workflows.api.authentication.TokenAuthentication",
        "workflows.api.authentication.BasicAuthentication",
        "workflows.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["workflows.api.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["workflows.api.renderers.JSONRenderer"],
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Countersign",
    "DESCRIPTION": "Certificate workflows: definitions, instances, enrollment, certificates.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "OAS_VERSION": "3.1.0",
    "WEBHOOKS": ["workflows.api.webhooks.CHANGED", "workflows.api.webhooks.REACHED"],
}

env.drop_secrets()
