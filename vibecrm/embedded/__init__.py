"""PostgreSQL and Redis from Python wheels, for everything that is not given a server of its own.

`DATABASE_URL` and `REDIS_URL` name ordinary servers. Where one is not set, the embedded server stands in: its address
is known without starting it (`database_url`, `redis_url`), and `servers` keeps it running for as long as somebody uses
it.

Nothing here imports Django: the settings import this.
"""

from vibecrm.embedded.errors import EmbeddedServerError
from vibecrm.embedded.homes import (
    PROJECT_ROOT,
    Home,
    celery_broker_url,
    database_url,
    home,
    load_environment,
    make_home,
    redis_url,
)
from vibecrm.embedded.servers import Servers, servers

__all__ = [
    "PROJECT_ROOT",
    "EmbeddedServerError",
    "Home",
    "Servers",
    "celery_broker_url",
    "database_url",
    "home",
    "load_environment",
    "make_home",
    "redis_url",
    "servers",
]
