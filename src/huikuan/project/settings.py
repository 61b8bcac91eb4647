"""Django settings. Everything that differs between installations comes from the environment (docs: operations)."""

from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from huikuan.project import env

PACKAGE = Path(__file__).resolve().parents[1]
HUIKUAN_HOME = env.home()

# --- database: SQLite in the home folder, or PostgreSQL by one variable -------------------------------------
DATABASE_URL = env.text("HUIKUAN_DATABASE_URL")
EMBEDDED = not DATABASE_URL
DATABASES: dict[str, dict[str, Any]]
if EMBEDDED:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(HUIKUAN_HOME / "huikuan.sqlite3"),
            "OPTIONS": {
                # Take the write lock at BEGIN: a read that becomes a write can otherwise fail half-way.
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=30000;"
                " PRAGMA foreign_keys=ON; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY;",
            },
        }
    }
else:
    try:
        DATABASES = {"default": {**dj_database_url.parse(DATABASE_URL, conn_max_age=600, conn_health_checks=True)}}
    except (ValueError, KeyError) as error:
        message = f"HUIKUAN_DATABASE_URL cannot be read: {error}. Write postgresql://user:password@host:5432/name"
        raise ImproperlyConfigured(message) from error
    if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
        message = "HUIKUAN_DATABASE_URL must name PostgreSQL (postgresql://…). Leave it out for the embedded SQLite."
        raise ImproperlyConfigured(message)
    DATABASES["default"].setdefault("OPTIONS", {})["application_name"] = "huikuan"

SECRET_KEY = env.secret_key(HUIKUAN_HOME, embedded=EMBEDDED)
DEBUG = env.flag("HUIKUAN_DEBUG", default=False)
ALLOWED_HOSTS = env.words("HUIKUAN_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
HUIKUAN_BASE_URL = env.text("HUIKUAN_BASE_URL", "http://127.0.0.1:8000")
CSRF_TRUSTED_ORIGINS = [HUIKUAN_BASE_URL]
# Proxies before the web process, whose word about the client's address counts (project.proxies).
HUIKUAN_TRUSTED_PROXIES = env.networks("HUIKUAN_TRUSTED_PROXIES")

INSTALLED_APPS = [
    "huikuan.storage",
    "huikuan.journal",
    "huikuan.parties",
    "huikuan.receivables",
    "huikuan.credit",
    "huikuan.policy",
    "huikuan.outreach",
    "huikuan.arrangements",
    "huikuan.cases",
    "huikuan.cash",
    "huikuan.runs",
    "huikuan.exchange",
    "huikuan.look",
    "huikuan.desk",
    "huikuan.portal",
    "django_htmx",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "huikuan.project.proxies.real_address",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "huikuan.desk.middleware.user_language",
    "huikuan.desk.middleware.private_pages",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "huikuan.project.urls"
WSGI_APPLICATION = "huikuan.project.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "huikuan.desk.context.frame",
            ],
        },
    }
]
FORM_RENDERER = "huikuan.look.drawing.FieldRenderer"

# --- people ------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "parties.User"
LOGIN_URL = "desk:login"
LOGIN_REDIRECT_URL = "desk:worklist"
LOGOUT_REDIRECT_URL = "desk:login"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 60 * 60
SECURE_COOKIES = HUIKUAN_BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = SECURE_COOKIES
CSRF_COOKIE_SECURE = SECURE_COOKIES
CSRF_FAILURE_VIEW = "huikuan.desk.views.errors.forbidden_csrf"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

# --- language and time -------------------------------------------------------------------------------------
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LANGUAGE_CODE = env.text("HUIKUAN_LANGUAGE", "zh-hans")
if LANGUAGE_CODE not in dict(LANGUAGES):
    message = f"HUIKUAN_LANGUAGE={LANGUAGE_CODE!r} is not offered. Use zh-hans or en."
    raise ImproperlyConfigured(message)
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.text("HUIKUAN_TIME_ZONE", "Asia/Shanghai")

STATIC_URL = "static/"
STATIC_ROOT = None  # whitenoise serves them from the packages they come in: nothing is to be collected
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = HUIKUAN_HOME / "files"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- mail (adapters.smtp) ----------------------------------------------------------------------------------
EMAIL_HOST = env.text("HUIKUAN_SMTP_HOST")
EMAIL_PORT = env.whole("HUIKUAN_SMTP_PORT", default=587, least=1)
EMAIL_HOST_USER = env.text("HUIKUAN_SMTP_USER")
EMAIL_HOST_PASSWORD = env.text("HUIKUAN_SMTP_PASSWORD")
EMAIL_USE_TLS = env.flag("HUIKUAN_SMTP_STARTTLS", default=False)
EMAIL_USE_SSL = env.flag("HUIKUAN_SMTP_TLS", default=False)
if EMAIL_USE_TLS and EMAIL_USE_SSL:
    message = "HUIKUAN_SMTP_STARTTLS and HUIKUAN_SMTP_TLS exclude each other: STARTTLS on port 587, TLS on port 465."
    raise ImproperlyConfigured(message)
EMAIL_TIMEOUT = env.whole("HUIKUAN_SMTP_TIMEOUT_SECONDS", default=30, least=1)
DEFAULT_FROM_EMAIL = env.text("HUIKUAN_MAIL_FROM", "huikuan@localhost")
# A mail service instead of SMTP (adapters.mail_service, extra huikuan[mail]); hook: “user:password” of its calls.
HUIKUAN_MAIL_SERVICE = env.choice(
    "HUIKUAN_MAIL_SERVICE", ["brevo", "mailersend", "mailgun", "postmark", "resend", "sendgrid"]
)
HUIKUAN_MAIL_SERVICE_KEY = env.text("HUIKUAN_MAIL_SERVICE_KEY")
HUIKUAN_MAIL_SERVICE_HOOK = env.text("HUIKUAN_MAIL_SERVICE_HOOK")
if HUIKUAN_MAIL_SERVICE:
    env.demand("KEY", prefix="HUIKUAN_MAIL_SERVICE_", why=f"HUIKUAN_MAIL_SERVICE is {HUIKUAN_MAIL_SERVICE}")
HUIKUAN_MAIL_FOLDER = HUIKUAN_HOME / "outbox"
# The mailbox in which answers and returned mail arrive (adapters.imap). Read only when the host is set.
HUIKUAN_IMAP_HOST = env.text("HUIKUAN_IMAP_HOST")
HUIKUAN_IMAP_PORT = env.whole("HUIKUAN_IMAP_PORT", default=993, least=1)
HUIKUAN_IMAP_USER = env.text("HUIKUAN_IMAP_USER")
HUIKUAN_IMAP_PASSWORD = env.text("HUIKUAN_IMAP_PASSWORD")
HUIKUAN_IMAP_TLS = env.flag("HUIKUAN_IMAP_TLS", default=True)
HUIKUAN_IMAP_FOLDER = env.text("HUIKUAN_IMAP_FOLDER", "INBOX")
HUIKUAN_IMAP_MOVE_TO = env.text("HUIKUAN_IMAP_MOVE_TO")
HUIKUAN_IMAP_TIMEOUT_SECONDS = env.whole("HUIKUAN_IMAP_TIMEOUT_SECONDS", default=30, least=1)
if HUIKUAN_IMAP_HOST and not (HUIKUAN_IMAP_USER and HUIKUAN_IMAP_PASSWORD):
    message = "HUIKUAN_IMAP_HOST is set without HUIKUAN_IMAP_USER and HUIKUAN_IMAP_PASSWORD. Set both."
    raise ImproperlyConfigured(message)
# Layouts of bank exports that the users add: one YAML file each (manual: bank statements).
HUIKUAN_BANK_PROFILES = HUIKUAN_HOME / "bank-profiles"
# An installation filled by `huikuan demo` never mails the world, whatever else is set: its letters become files.
HUIKUAN_IS_DEMO = (HUIKUAN_HOME / "demo.json").exists()

# --- text messages (adapters.sms_…): one provider, by name; its keys; the texts that it has approved ---------------
HUIKUAN_SMS_PROVIDER = env.choice("HUIKUAN_SMS_PROVIDER", ["aliyun", "tencent", "twilio"])
HUIKUAN_SMS_KEY_ID = env.text("HUIKUAN_SMS_KEY_ID")
HUIKUAN_SMS_KEY_SECRET = env.text("HUIKUAN_SMS_KEY_SECRET")
HUIKUAN_SMS_APP_ID = env.text("HUIKUAN_SMS_APP_ID")
HUIKUAN_SMS_REGION = env.text("HUIKUAN_SMS_REGION", "ap-guangzhou")
HUIKUAN_SMS_FROM = env.text("HUIKUAN_SMS_FROM")
HUIKUAN_SMS_TEMPLATES = Path(env.text("HUIKUAN_SMS_TEMPLATES") or HUIKUAN_HOME / "sms-templates.yaml")
HUIKUAN_SMS_TIMEOUT_SECONDS = env.whole("HUIKUAN_SMS_TIMEOUT_SECONDS", default=15, least=1)
# Whether it is noted that a company opened a mail (never of natural persons; of a person only with his consent).
HUIKUAN_TRACKING = env.flag("HUIKUAN_TRACKING", default=False)
# Robots of the staff's groups: “ENTITY=kind,address,secret” per entity, parted by blanks (adapters.bots).
HUIKUAN_BOTS = env.bots("HUIKUAN_BOTS", kinds=["wecom", "dingtalk", "feishu"])
# The secret part of the addresses at which providers call us that do not sign (manual: text messages).
HUIKUAN_HOOKS_TOKEN = env.text("HUIKUAN_HOOKS_TOKEN")
if HUIKUAN_SMS_PROVIDER:
    env.demand(
        {"aliyun": "KEY_ID KEY_SECRET", "tencent": "KEY_ID KEY_SECRET APP_ID", "twilio": "KEY_ID KEY_SECRET FROM"}[
            HUIKUAN_SMS_PROVIDER
        ],
        prefix="HUIKUAN_SMS_",
        why=f"HUIKUAN_SMS_PROVIDER is {HUIKUAN_SMS_PROVIDER}",
    )
SMS_CHANNELS = {"aliyun": "AliyunSms", "tencent": "TencentSms", "twilio": "TwilioSms"}

# --- evidence files: in the home folder, or in an S3-compatible bucket (adapters.content_s3) --------------------
HUIKUAN_S3_BUCKET = env.text("HUIKUAN_S3_BUCKET")
HUIKUAN_S3_ENDPOINT = env.text("HUIKUAN_S3_ENDPOINT")
HUIKUAN_S3_REGION = env.text("HUIKUAN_S3_REGION", "us-east-1")
HUIKUAN_S3_ACCESS_KEY = env.text("HUIKUAN_S3_ACCESS_KEY")
HUIKUAN_S3_SECRET_KEY = env.text("HUIKUAN_S3_SECRET_KEY")
if HUIKUAN_S3_BUCKET and not (HUIKUAN_S3_ACCESS_KEY and HUIKUAN_S3_SECRET_KEY):
    message = "HUIKUAN_S3_BUCKET is set without HUIKUAN_S3_ACCESS_KEY and HUIKUAN_S3_SECRET_KEY. Set both."
    raise ImproperlyConfigured(message)

# --- documents (documents.rendering): a folder with fonts that is asked before the shipped ones ------------------
HUIKUAN_FONT_FOLDER = env.text("HUIKUAN_FONT_FOLDER")

# Who may call us about messages (hooks.messages), by the name in the address: only providers that are in use.
HUIKUAN_CALLBACKS: dict[str, str] = {}

# --- ports: what a module needs from outside, wired by dotted path ------------------------------------------
HUIKUAN_PORTS = {
    "cash.layouts": "huikuan.adapters.bank_files.layouts",
    "cash.statements": "huikuan.adapters.bank_files.open_statement",
    "journal.content": "huikuan.adapters.content_s3.store.S3Store"
    if HUIKUAN_S3_BUCKET
    else "huikuan.adapters.content_folder.store.FolderStore",
    "outreach.email": "huikuan.adapters.mailbox_folder.channel.FolderChannel"
    if HUIKUAN_IS_DEMO
    else "huikuan.adapters.smtp.channel.SmtpChannel",
    "outreach.guard": "huikuan.runs.gate.ContactGate",
    "outreach.composer": "huikuan.runs.compose.NoticeComposer",
    "outreach.cases": "huikuan.cases.queries.case.customers_of_cases",
    "outreach.mailbox": "huikuan.adapters.imap.mailbox.ImapMailbox",
    "outreach.wording": "huikuan.runs.wording_check.PolicyWording",
    "receivables.agreements": "huikuan.arrangements.queries.plan_first.PlansFirst",
    "runs.staff": "huikuan.adapters.bots.groups.Groups",
    "exchange.table": "huikuan.adapters.tables.files.open_table",
    "exchange.csv": "huikuan.adapters.tables.writing.write_csv",
    "exchange.xlsx": "huikuan.adapters.tables.writing.write_xlsx",
}

# --- payments (adapters.wechatpay, .alipay, .stripe_checkout, .sandbox_pay) -----------------------------------------
_GATEWAYS = {
    "wechatpay": "huikuan.adapters.wechatpay.gateway.WechatPay",
    "alipay": "huikuan.adapters.alipay.gateway.Alipay",
    "stripe": "huikuan.adapters.stripe_checkout.gateway.StripeCheckout",
    "sandbox": "huikuan.adapters.sandbox_pay.gateway.SandboxGateway",
}
_switched_on = env.words("HUIKUAN_GATEWAYS", default=["sandbox"] if HUIKUAN_IS_DEMO else [])
if _unknown := set(_switched_on) - set(_GATEWAYS):
    message = f"HUIKUAN_GATEWAYS names {', '.join(sorted(_unknown))}. Known are {', '.join(_GATEWAYS)}."
    raise ImproperlyConfigured(message)
HUIKUAN_GATEWAY_PORTS = {name: _GATEWAYS[name] for name in _switched_on}
# A merchant account is one creditor's: money for another would land in the wrong purse.
HUIKUAN_GATEWAY_ENTITIES = env.words("HUIKUAN_GATEWAY_ENTITIES", default=["MAIN"])
HUIKUAN_WECHATPAY_ADDRESS = env.text("HUIKUAN_WECHATPAY_ADDRESS", "https://api.mch.weixin.qq.com")
HUIKUAN_WECHATPAY_APP = env.text("HUIKUAN_WECHATPAY_APP")
HUIKUAN_WECHATPAY_MERCHANT = env.text("HUIKUAN_WECHATPAY_MERCHANT")
HUIKUAN_WECHATPAY_SERIAL = env.text("HUIKUAN_WECHATPAY_SERIAL")
HUIKUAN_WECHATPAY_KEY_FILE = env.text("HUIKUAN_WECHATPAY_KEY_FILE")
HUIKUAN_WECHATPAY_SECRET = env.text("HUIKUAN_WECHATPAY_SECRET")
HUIKUAN_WECHATPAY_PLATFORM_ID = env.text("HUIKUAN_WECHATPAY_PLATFORM_ID")
HUIKUAN_WECHATPAY_PLATFORM_FILE = env.text("HUIKUAN_WECHATPAY_PLATFORM_FILE")
HUIKUAN_ALIPAY_ADDRESS = env.text("HUIKUAN_ALIPAY_ADDRESS", "https://openapi.alipay.com/gateway.do")
HUIKUAN_ALIPAY_APP = env.text("HUIKUAN_ALIPAY_APP")
HUIKUAN_ALIPAY_KEY_FILE = env.text("HUIKUAN_ALIPAY_KEY_FILE")
HUIKUAN_ALIPAY_PUBLIC_FILE = env.text("HUIKUAN_ALIPAY_PUBLIC_FILE")
HUIKUAN_STRIPE_ADDRESS = env.text("HUIKUAN_STRIPE_ADDRESS", "https://api.stripe.com")
HUIKUAN_STRIPE_KEY = env.text("HUIKUAN_STRIPE_KEY")
HUIKUAN_STRIPE_WEBHOOK_SECRET = env.text("HUIKUAN_STRIPE_WEBHOOK_SECRET")
for _name in (each for each in _switched_on if each != "sandbox"):
    if _missing := [
        name for name, value in globals().items() if name.startswith(f"HUIKUAN_{_name.upper()}_") and not value
    ]:
        message = f"HUIKUAN_GATEWAYS switches {_name} on without {', '.join(_missing)}. Set all of them."
        raise ImproperlyConfigured(message)

if HUIKUAN_MAIL_SERVICE and not HUIKUAN_IS_DEMO:
    HUIKUAN_PORTS["outreach.email"] = "huikuan.adapters.mail_service.channel.ServiceChannel"
    HUIKUAN_CALLBACKS[HUIKUAN_MAIL_SERVICE] = "huikuan.adapters.mail_service.callbacks.read"
if HUIKUAN_SMS_PROVIDER and not HUIKUAN_IS_DEMO:
    _sms = f"huikuan.adapters.sms_{HUIKUAN_SMS_PROVIDER}"
    HUIKUAN_PORTS["outreach.sms"] = f"{_sms}.channel.{SMS_CHANNELS[HUIKUAN_SMS_PROVIDER]}"
    HUIKUAN_CALLBACKS[HUIKUAN_SMS_PROVIDER] = f"{_sms}.callbacks.read"

# --- background work: what is due is in the domain tables; the scheduler only looks at the clock (decision 0020) ----
HUIKUAN_RUN_HOUR = env.whole("HUIKUAN_RUN_HOUR", default=6)
if HUIKUAN_RUN_HOUR > 23:  # noqa: PLR2004  hours of a day
    message = f"HUIKUAN_RUN_HOUR={HUIKUAN_RUN_HOUR} is no hour of the day. Use 0 to 23, on each entity's clock."
    raise ImproperlyConfigured(message)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.text("HUIKUAN_LOG_LEVEL", "WARNING").upper()},
}
