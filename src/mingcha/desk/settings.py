"""Django settings of the desk. Everything that differs between installations comes from the home or the environment:

MINGCHA_HOME, DATABASE_URL (both read by mingcha.home), MINGCHA_DESK_ROLE (app, or owner while migrating),
MINGCHA_DESK_HOSTS (host names besides loopback), MINGCHA_DESK_SECURE (1 behind TLS),
MINGCHA_SELFCHECK_DAYS (how long a self-check is kept).
"""

import os
from pathlib import Path

from csp.constants import NONE, SELF

from mingcha.home.database import parameters
from mingcha.home.directory import Home

HERE = Path(__file__).resolve().parent
HOME = Home.open()
SECURE = os.environ.get("MINGCHA_DESK_SECURE") == "1"

DEBUG = False
SECRET_KEY = HOME.secrets.desk
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *filter(None, os.environ.get("MINGCHA_DESK_HOSTS", "").split(","))]
ROOT_URLCONF = "mingcha.desk.urls"
WSGI_APPLICATION = "mingcha.desk.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "mingcha.desk.shell",
    "mingcha.desk.trail",
    "mingcha.desk.accounts.apps.AccountsConfig",
    "mingcha.desk.audit",
    "mingcha.desk.review",
    "mingcha.desk.jobs",
    "mingcha.desk.portal",
    "mingcha.desk.selfcheck",
    "mingcha.desk.money",
    "mingcha.desk.benefits",
    "mingcha.desk.disbursements",
    "mingcha.desk.sampling",
    "mingcha.desk.documents",
    "mingcha.desk.library",
    "mingcha.desk.onboarding",
    "mingcha.desk.reminders",
    "mingcha.desk.notices",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "axes",
    "csp",
]

MIDDLEWARE = [
    "mingcha.desk.shell.compression.Compressed",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "mingcha.desk.shell.middleware.RequestScope",
    "mingcha.desk.accounts.sessions.SessionLimits",
    "mingcha.desk.shell.middleware.Permissions",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "mingcha.desk.shell.context.shell",
            ],
            "builtins": ["mingcha.desk.shell.templatetags.words"],
        },
    }
]

_database = parameters(HOME, os.environ.get("MINGCHA_DESK_ROLE", "app"))
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _database.get("dbname", ""),
        "USER": _database.get("user", ""),
        "PASSWORD": _database.get("password", ""),
        "HOST": _database.get("host", ""),
        "PORT": str(_database.get("port", "")),
        "OPTIONS": {"application_name": "mingcha-desk"},
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "TIME_ZONE": "Asia/Shanghai",
    }
}

SELFCHECK_DAYS = int(os.environ.get("MINGCHA_SELFCHECK_DAYS", "90"))

AUTH_USER_MODEL = "accounts.Account"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "mingcha.desk.accounts.passwords.NotUsedBefore"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

SESSION_COOKIE_NAME = "mingcha_session"
SESSION_COOKIE_AGE = 26 * 3600  # longer than any session may last (accounts/sessions.py), so that its end is told
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "mingcha.desk.shell.views.stale_form"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if SECURE]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "zh-hans"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
FORMAT_MODULE_PATH = "mingcha.desk.formats"
USE_THOUSAND_SEPARATOR = False  # numbers inside URLs and attributes must stay plain; lists use the filters of shell

STATIC_URL = "static/"
STATICFILES_DIRS = [HERE / "static"] if (HERE / "static").is_dir() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "mingcha.desk.shell.storage.VersionedStatic"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 365 * 86400  # every address carries the version of its file (shell/storage.py)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stream": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stream"], "level": "WARNING"},
}
