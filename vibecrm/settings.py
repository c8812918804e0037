"""Every setting of the product. Each is read from the environment (or `.env`); the defaults serve `make run`."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import environ
from django.templatetags.static import static

from vibecrm import embedded
from vibecrm.secret_key import stored_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
embedded.load_environment()
env = environ.Env()
env.ENVIRON = {name: value for name, value in os.environ.items() if value}  # set to nothing counts as not set

# --- Where things are -------------------------------------------------------------------------------------------------
HOME = embedded.home()
DATABASE_URL = env.str("DATABASE_URL", "") or embedded.database_url()
REDIS_URL = env.str("REDIS_URL", "") or embedded.redis_url()
SECRET_KEY = env.str("SECRET_KEY", "") or stored_secret_key(HOME)

DEBUG = env.bool("DEBUG", False)
# This machine always: the supervisor and the container's health check ask by these names.
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *env.list("ALLOWED_HOSTS", default=[])]
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
USE_HTTPS = env.bool("USE_HTTPS", False)
# How many proxies of ours stand before the web server. Only so many of the last entries of X-Forwarded-For are
# believed: the others come from the client, who could be somebody new for every rate limit.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)

# --- Applications -----------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "vibecrm",
    "core",
    "schemas",
    "provisioning",
    "dynamic_crud",
    "exporter",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.common.CommonMiddleware",
    "dynamic_crud.quick_middleware.QuickMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.error_views.ProblemMiddleware",
]
ROOT_URLCONF = "vibecrm.urls"
WSGI_APPLICATION = "vibecrm.wsgi.application"
TEMPLATES = [
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
        },
    },
]
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- PostgreSQL and Redis ---------------------------------------------------------------------------------------------
# A pooled backend keeps about 0.43 MB for each project that it has touched, so connections are recycled.
_database = environ.Env.db_url_config(DATABASE_URL)
DATABASES = {
    "default": {
        **_database,
        "ENGINE": "core.postgresql",  # which looks after the health of its connections itself
        "OPTIONS": {
            **_database.get("OPTIONS", {}),
            "pool": {
                "min_size": 1,
                "max_size": env.int("DATABASE_POOL_SIZE", 12),
                "timeout": 10,
                "max_lifetime": 600,
            },
        },
    },
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "vibecrm",
    },
}
SESSION_ENGINE = "core.sessions"

# --- Accounts ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "project-list"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = env.str("ACCOUNT_EMAIL_VERIFICATION", "none")
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_ADAPTER = "core.accounts.AccountAdapter"
ACCOUNT_SIGNUP_OPEN = env.bool("SIGNUP_OPEN", True)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "VibeCRM <no-reply@localhost>")
DEMO_EMAIL = "demo@vibecrm.local"
DEMO_PASSWORD = env.str("DEMO_PASSWORD", "demo-vibecrm")

# --- HTTPS, cookies, headers ------------------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = USE_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if USE_HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if USE_HTTPS else 0
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "core.error_views.csrf_failure"

# --- Files ------------------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True  # files are served from where they are: there is no collecting step
MEDIA_ROOT = env.str("MEDIA_ROOT", str(HOME / "media"))
# Attachments of records: a storage of their own, which no address leads to but the guarded ones of their records.
ATTACHMENTS_ROOT = env.str("ATTACHMENTS_ROOT", str(HOME / "attachments"))
_FOLDER_STORAGE = "django.core.files.storage.FileSystemStorage"
_attachments_folder = {
    "location": ATTACHMENTS_ROOT,
    "directory_permissions_mode": 0o700,
    "file_permissions_mode": 0o600,
}
ATTACHMENTS_STORAGE = env.str("ATTACHMENTS_STORAGE", _FOLDER_STORAGE)
STORAGES = {
    "default": {"BACKEND": _FOLDER_STORAGE},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "attachments": {
        "BACKEND": ATTACHMENTS_STORAGE,
        "OPTIONS": env.json(
            "ATTACHMENTS_OPTIONS", default=_attachments_folder if ATTACHMENTS_STORAGE == _FOLDER_STORAGE else {}
        ),
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["core.uploads.NoUploads"]  # views that take files say so: core.uploads.take_files
UPLOAD_MAX_MB = env.int("UPLOAD_MAX_MB", 250)
UPLOAD_TEMP_DIR = HOME / "uploads"  # on disk, where the system's own folder may be memory
# How large a CSV file may be that is imported.
IMPORT_MAX_MB = env.int("IMPORT_MAX_MB", 10)
IMPORT_MAX_ROWS = env.int("IMPORT_MAX_ROWS", 20_000)
IMPORT_MAX_COLUMNS = env.int("IMPORT_MAX_COLUMNS", 500)

# --- REST API ---------------------------------------------------------------------------------------------------------
GENERATE_RATE = env.str("GENERATE_RATE", "30/minute")  # a user's requests to generate, whatever the engine
MEMBERS_PER_HOUR = env.int("MEMBERS_PER_HOUR", 60)  # people whom a user may try to add to projects
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "core.authentication.TokenAuthentication",
        "core.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.parsers.JSONParser"],
    "URL_FORMAT_OVERRIDE": None,  # `format` may be the name of a column
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "NUM_PROXIES": TRUSTED_PROXIES,
    "DEFAULT_THROTTLE_RATES": {"signup": "20/hour", "token": "20/minute", "generate": GENERATE_RATE},
    "EXCEPTION_HANDLER": "core.error_views.api_exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(hours=1),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=14),
    "USER_ID_FIELD": "id",
    "CHECK_REVOKE_TOKEN": True,  # a new password ends the tokens of the old one
    "USER_AUTHENTICATION_RULE": "core.accounts.may_sign_in",
    "UPDATE_LAST_LOGIN": False,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "VibeCRM API",
    "DESCRIPTION": "Describe an application, provision it, use its records, take its source code with you.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",  # what follows it groups the documentation
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "core.openapi.add_problems"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# --- Long work --------------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = embedded.celery_broker_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_BEAT_SCHEDULE = {
    "requeue-lost-jobs": {"task": "core.requeue_lost_jobs", "schedule": 10.0},
    # Counted from the last time, which beat writes down: so it is made up for where nothing runs at night.
    "daily-upkeep": {"task": "core.run_daily", "schedule": timedelta(days=1)},
}
JOB_WAIT_SECONDS = env.float("JOB_WAIT_SECONDS", 30.0)
JOB_LEASE_SECONDS = 20.0
JOB_MAX_ATTEMPTS = 5
LARGE_TABLE_ROWS = env.int("LARGE_TABLE_ROWS", 200_000)
SCHEMA_LOCK_SECONDS = env.int("SCHEMA_LOCK_SECONDS", 300)
# How long tables and columns that a version removed can be brought back, in days.
ARCHIVE_RETENTION_DAYS = env.int("ARCHIVE_RETENTION_DAYS", 30)
# How long records that people deleted can be brought back, in days.
TRASH_RETENTION_DAYS = env.int("TRASH_RETENTION_DAYS", 30)

# --- Limits of a schema document --------------------------------------------------------------------------------------
SCHEMA_MAX_TABLES = env.int("SCHEMA_MAX_TABLES", 100)
SCHEMA_MAX_COLUMNS = env.int("SCHEMA_MAX_COLUMNS", 200)
SCHEMA_MAX_OPTIONS = env.int("SCHEMA_MAX_OPTIONS", 500)
SCHEMA_MAX_BYTES = env.int("SCHEMA_MAX_BYTES", 256 * 1024)
RUNTIME_CACHE_SIZE = env.int("RUNTIME_CACHE_SIZE", 64)

# --- AI ---------------------------------------------------------------------------------------------------------------
ANTHROPIC_API_KEY = env.str("ANTHROPIC_API_KEY", "")
ANTHROPIC_MODEL = env.str("ANTHROPIC_MODEL", "claude-opus-5-5")
ANTHROPIC_BASE_URL = env.str("ANTHROPIC_BASE_URL", "https://api.anthropic.com")
ANTHROPIC_EFFORT = env.str("ANTHROPIC_EFFORT", "medium")
ANTHROPIC_MAX_TOKENS = env.int("ANTHROPIC_MAX_TOKENS", 32_000)
ANTHROPIC_TIMEOUT = env.float("ANTHROPIC_TIMEOUT", 120.0)
# US dollars a million tokens, input and output, from Anthropic's price list of November 2026.
ANTHROPIC_PRICES = {
    "claude-opus-5-5": (4.0, 20.0),
    "claude-sonnet-5-5": (2.0, 10.0),
    "claude-haiku-5-5": (0.10, 0.50),
    "claude-fable-5-1": (10.0, 50.0),
}
AI_REQUESTS_PER_DAY = env.int("AI_REQUESTS_PER_DAY", 10)

# --- Export -----------------------------------------------------------------------------------------------------------
# Where pushes go. Only the operator says so: an address that users could choose would let them reach into our network.
GITHUB_API_URL = env.str("GITHUB_API_URL", "https://api.github.com")

# --- Chrome and logs --------------------------------------------------------------------------------------------------
UNFOLD = {
    "SITE_TITLE": "VibeCRM",
    "SITE_HEADER": "VibeCRM",
    "SITE_ICON": lambda request: static("vibecrm/icon.svg"),
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("vibecrm/icon.svg")}],
    "STYLES": [lambda request: static("vibecrm/tokens.css")],
    "SHOW_HISTORY": True,
    "COMMAND": {"search_models": False, "show_history": False},
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {"httpx2": {"level": "WARNING"}},
}
