"""Django's settings. All that an operator may set comes from the environment: `docs/configuration.md` names
it.

Nothing needs to be set: without any of them Towpath runs on SQLite and local disk under `TOWPATH_HOME`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF

from towpath.foundation.operations.databases import database_of
from towpath.foundation.operations.environment import BadSetting, choice, flag, number, text, time_zone, words
from towpath.foundation.operations.home import home
from towpath.foundation.operations.logs import FORMS as LOG_FORMS
from towpath.foundation.operations.logs import logging_config
from towpath.foundation.operations.mail import mail_of
from towpath.foundation.people.rules import Role

# Whatever this process writes is its owner's alone, also in a home that was made open to others.
os.umask(0o077)
HOME = home()
try:
    HOME.prepare()
except OSError as error:
    raise BadSetting(f"TOWPATH_HOME: the folder {HOME.root} cannot be made ({error.strerror}).") from error


def oidc_provider(url: str, client: str, secret: str, name: str) -> dict[str, Any]:
    """Allauth's description of the organisation's OpenID Connect; empty where it is not set."""
    if not (url and client):
        return {}
    kept = HOME.secrets / "oidc-client-secret"
    app = {
        "provider_id": "organisation",
        "name": name or "OpenID Connect",
        "client_id": client,
        "secret": secret or (kept.read_text().strip() if kept.exists() else ""),
        "settings": {"server_url": url},
    }
    return {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}


DEMO = flag("TOWPATH_DEMO", default=True)
DEMO_BESIDE = text("TOWPATH_DEMO_BESIDE")
SECRET_KEY = HOME.secret("django-secret-key")
DEBUG = flag("TOWPATH_DEBUG", default=False)
THIS_MACHINE = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = [*words("TOWPATH_ALLOWED_HOSTS", default=[]), *THIS_MACHINE]
"""Always with this machine's own names: what watches over Towpath from beside it asks by them."""
CSRF_TRUSTED_ORIGINS = words("TOWPATH_TRUSTED_ORIGINS", default=[])
BEHIND_TLS = flag("TOWPATH_BEHIND_TLS", default=False)

INSTALLED_APPS = [
    "towpath.foundation.people",
    "towpath.foundation.access",
    "towpath.foundation.audit",
    "towpath.foundation.outbox",
    "towpath.foundation.accounts",
    "towpath.foundation.jobs",
    "towpath.foundation.ui",
    "towpath.events",
    "towpath.customers",
    "towpath.estate",
    "towpath.catalogue",
    "towpath.journeys",
    "towpath.desk",
    "towpath.improvement",
    "towpath.visibility",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "csp",
]

MIDDLEWARE = [
    "towpath.foundation.operations.requests.RequestMiddleware",
    "csp.middleware.CSPMiddleware",
    "towpath.site.problems.ProblemMiddleware",
    "towpath.site.demo.guard.InventedMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Before the CSRF check, which reads the whole body: passers-by upload nothing.
    "towpath.foundation.access.middleware.AccessMiddleware",
    "towpath.events.upload_limit.UploadLimitMiddleware",
    "towpath.site.lake_trouble.LakeTroubleMiddleware",
    "towpath.site.unfit_values.UnfitValuesMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "towpath.foundation.ui.middleware.PersonTimeZone",
]

ROOT_URLCONF = "towpath.site.urls"
WSGI_APPLICATION = "towpath.site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "towpath.site.navigation.navigation",
            ],
        },
    }
]

DATABASES = {"default": database_of(text("TOWPATH_DATABASE_URL"), HOME.records)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": HOME.root / "cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "20/m/ip,6/5m/key"}
ACCOUNT_ADAPTER = "towpath.foundation.accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "towpath.foundation.accounts.adapters.PlainLoginForm",
    "change_password": "towpath.foundation.accounts.adapters.AuditedChangePasswordForm",
    "reset_password": "towpath.foundation.accounts.adapters.HonestResetPasswordForm",
    "reset_password_from_key": "towpath.foundation.accounts.adapters.AuditedResetPasswordForm",
}
ALLAUTH_TRUSTED_PROXY_COUNT = number("TOWPATH_TRUSTED_PROXIES", default=1 if BEHIND_TLS else 0)
"""Attempts to sign in are counted by address; behind a proxy that is the one which the proxy names."""

SOCIALACCOUNT_ADAPTER = "towpath.foundation.accounts.adapters.SocialAccountAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_STORE_TOKENS = False
OIDC_ROLE = choice("TOWPATH_OIDC_ROLE", Role.values, default=Role.CUSTOMER.value)
OIDC_URL = text("TOWPATH_OIDC_URL")
SOCIALACCOUNT_PROVIDERS = oidc_provider(
    OIDC_URL, text("TOWPATH_OIDC_CLIENT_ID"), text("TOWPATH_OIDC_CLIENT_SECRET"), text("TOWPATH_OIDC_NAME")
)

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = BEHIND_TLS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
"""Asked from beside Towpath, not through the proxy."""
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

MAIL = mail_of(text("TOWPATH_EMAIL_URL"))
EMAIL_HOST, EMAIL_PORT = MAIL.host, MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.user, MAIL.password
EMAIL_USE_SSL, EMAIL_USE_TLS = MAIL.tls, MAIL.starttls
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = text("TOWPATH_EMAIL_FROM", default="towpath@localhost")
WEBHOOKS_PRIVATE = flag("TOWPATH_WEBHOOKS_PRIVATE", default=False)

USE_TZ = True
TIME_ZONE = time_zone("TOWPATH_TIME_ZONE", default="UTC")
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español"), ("sv", "Svenska"), ("zh-hans", "简体中文")]
"""Each under the name that its speakers know it by, whatever the page's language."""
LOCALE_PATHS = [Path(__file__).parent.parent / "locale"]

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
UPLOAD_MAX_BYTES = number("TOWPATH_UPLOAD_MAX_BYTES", default=5 * 1024**3)
FILE_UPLOAD_TEMP_DIR = HOME.uploads
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

LOGGING = logging_config(debug=DEBUG, form=choice("TOWPATH_LOG_FORMAT", LOG_FORMS, default="auto"))
