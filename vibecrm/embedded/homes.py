"""Where the embedded servers live, and the addresses and passwords by which they are reached."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import environ

from vibecrm.embedded.errors import EmbeddedServerError, explained
from vibecrm.private_files import first_written

PROJECT_ROOT = Path(__file__).resolve().parents[2]

SUPERUSER = "postgres"
APP_ROLE = "vibecrm_app"
DATABASE = "vibecrm"

MAX_SOCKET_PATH_BYTES = 103
"""`sun_path` without its NUL byte: 107 on Linux, 103 on macOS and the BSDs."""

ROOT_STORAGE = Path("/var/lib/vibecrm")
"""Where the data of root's servers live when the service user cannot reach the home folder."""


def load_environment() -> None:
    """Reads `.env` of the project into the environment. A variable that is already set wins."""
    file = PROJECT_ROOT / ".env"
    if file.is_file():
        environ.Env.read_env(file)


def home() -> Path:
    """The folder of this installation's data: VIBECRM_HOME, relative to the project, or `.vibecrm` in it."""
    return PROJECT_ROOT / Path(os.environ.get("VIBECRM_HOME") or ".vibecrm").expanduser()


@dataclass(frozen=True)
class Home:
    """A home folder of embedded servers with what is needed to reach them.

    Attributes:
        path: The folder itself: credentials and logs.
        storage: Where the servers' data and locks live: `path`, or a folder of the system's when the servers run as
            another user who cannot reach `path`.
        sockets: The folder of the servers' Unix sockets.
        superuser_password: Of PostgreSQL's superuser, for the bootstrap alone.
        app_password: Of the role `vibecrm_app`.
        redis_password: Of Redis.
    """

    path: Path
    storage: Path
    sockets: Path
    superuser_password: str
    app_password: str
    redis_password: str

    @classmethod
    def open(cls, path: Path, *, throwaway: bool = False) -> Home:
        """The home at `path`, created with new passwords on first use. Several processes may do so at once.

        Raises:
            EmbeddedServerError: when the folder cannot be used, or its credentials are damaged.
        """
        file = path / "credentials.json"
        with explained(path):
            if not file.exists():
                make_home(path)
            text = first_written(file, lambda: json.dumps(_new_credentials(path, throwaway=throwaway), indent=2))
        try:
            stored = json.loads(text)
            storage = Path(stored["storage"] or path)
            return cls(
                path=path,
                storage=storage,
                sockets=_short(storage / "run", path),
                superuser_password=stored["superuser_password"],
                app_password=stored["app_password"],
                redis_password=stored["redis_password"],
            )
        except (ValueError, KeyError, TypeError) as error:
            raise EmbeddedServerError(
                f"{file} is damaged: restore it from a copy, or move {path} away to start with an empty database."
            ) from error

    @property
    def database_url(self) -> str:
        """The address of the database for the app's own role."""
        return self._database_url(APP_ROLE, self.app_password, DATABASE)

    def superuser_url(self, database: str = DATABASE) -> str:
        """The address of a database for PostgreSQL's superuser: the bootstrap, and tests that look from outside."""
        return self._database_url(SUPERUSER, self.superuser_password, database)

    @property
    def redis_socket(self) -> Path:
        """The socket of Redis."""
        return self.sockets / "redis.sock"

    @property
    def redis_url(self) -> str:
        """The address of Redis, as redis-py reads it."""
        return f"unix://:{quote(self.redis_password, safe='')}@{quote(str(self.redis_socket))}?db=0"

    def _database_url(self, role: str, password: str, database: str) -> str:
        query = urlencode({"host": str(self.sockets)})
        return f"postgresql://{role}:{quote(password, safe='')}@/{database}?{query}"


def database_url() -> str:
    """The address of the embedded database of this installation, which need not be running."""
    return Home.open(home()).database_url


def redis_url() -> str:
    """The address of the embedded Redis of this installation, which need not be running."""
    return Home.open(home()).redis_url


def celery_broker_url(url: str) -> str:
    """A Redis address as Celery wants it: it spells Unix sockets in its own way."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    database = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair).get("db", "0")
    credentials = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    return f"redis+socket://{credentials}{parts.path}?virtual_host={database}"


def make_home(path: Path) -> None:
    """Creates a home folder. A new one can be passed through, so that the service user reaches its own part of it.

    Raises:
        EmbeddedServerError: when that cannot be done.
    """
    if path.is_dir():
        return
    with explained(path):
        try:
            path.mkdir(parents=True)
        except FileExistsError:
            if not path.is_dir():
                raise EmbeddedServerError(f"{path} is a file: set VIBECRM_HOME to a folder.") from None
        else:
            path.chmod(0o711)


def _new_credentials(path: Path, *, throwaway: bool) -> dict[str, str | None]:
    storage = None
    if os.geteuid() == 0 and not reachable_by_others(path):
        # A new name each time: a deleted home leaves its data there, and the next one has other passwords.
        name = f"{_digest(path)}-{secrets.token_hex(4)}"
        storage = Path(tempfile.gettempdir()) / f"vibecrm-{name}" if throwaway else ROOT_STORAGE / name
    return {
        "storage": str(storage) if storage else None,
        "superuser_password": secrets.token_urlsafe(24),
        "app_password": secrets.token_urlsafe(24),
        "redis_password": secrets.token_urlsafe(24),
    }


def reachable_by_others(path: Path) -> bool:
    """Whether every user may pass through the folder and all those above it."""
    folder = path.resolve()
    return all(each.stat().st_mode & 0o001 for each in (folder, *folder.parents))


def _short(sockets: Path, path: Path) -> Path:
    """`sockets`, or a folder of the home's own in the system's temporary one when its name is too long for a socket."""
    if len(os.fsencode(sockets / ".s.PGSQL.5432")) <= MAX_SOCKET_PATH_BYTES:
        return sockets
    return Path("/tmp") / f"vibecrm-{_digest(path)}-run"  # noqa: S108  owned, mode 0700 and checked where it is made


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:16]
