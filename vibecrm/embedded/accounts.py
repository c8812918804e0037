"""Whom the servers run as. PostgreSQL refuses root, so root hands them to a service user who owns nothing else."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TypedDict

from vibecrm.embedded.errors import EmbeddedServerError
from vibecrm.embedded.homes import ROOT_STORAGE, reachable_by_others

SERVICE_USER = "vibecrm"
FALLBACK_USERS = ("postgres", "nobody")


class PopenIdentity(TypedDict, total=False):
    """The arguments of `subprocess.Popen` that change the user."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """The user of the servers. `switch` is off for an ordinary user, who runs them as himself."""

    uid: int
    gid: int
    switch: bool

    @classmethod
    def for_data(cls, data: Path) -> Account:
        """The user whose data these are, or who shall own them when there are none yet.

        Raises:
            EmbeddedServerError: when they are another user's.
        """
        owner = data.stat() if data.exists() else None
        if os.geteuid() != 0:
            if owner and owner.st_uid != os.geteuid():
                raise EmbeddedServerError(
                    f"{data} belongs to the user with the number {owner.st_uid}: run this as that user, "
                    "or set VIBECRM_HOME to another folder."
                )
            return cls(os.geteuid(), os.getegid(), switch=False)
        if owner and owner.st_uid != 0:
            return cls(owner.st_uid, owner.st_gid, switch=True)
        entry = _service_user()
        return cls(entry.pw_uid, entry.pw_gid, switch=True)

    @property
    def popen(self) -> PopenIdentity:
        """What to give to `subprocess` to run a program as this user, with no other group's rights."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switch else {}

    def own_folder(self, path: Path) -> Path:
        """Makes a folder for this user alone, or checks that the one there is that.

        Raises:
            EmbeddedServerError: when somebody else has put something there.
        """
        try:
            path.mkdir(mode=0o700)
        except FileExistsError:
            found = path.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != self.uid or found.st_mode & 0o022:
                raise EmbeddedServerError(
                    f"{path} is in the way: it is not a folder that only the servers' user may write to. Move it away."
                ) from None
        else:
            self.own(path)
        return path

    def own_file(self, path: Path, content: str) -> Path:
        """Writes a file that only this user may read, replacing the one there."""
        descriptor, name = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(content)
        self.own(Path(name))
        return Path(name).replace(path)

    def own(self, path: Path) -> None:
        """Gives a file or a folder of ours to this user."""
        if self.switch:
            os.chown(path, self.uid, self.gid)

    def reachable(self, package: Path, siblings: tuple[Path, ...] = ()) -> Path:
        """A package of programs where this user can run it: itself, or a copy when its folder is closed to others.

        Args:
            package: The installed package.
            siblings: What must lie beside it: the libraries that its programs load by a relative path.
        """
        if not self.switch or reachable_by_others(package):
            return package
        copy = ROOT_STORAGE / f"{package.name}-{version(package.name.replace('_', '-'))}"
        if not copy.exists():
            ROOT_STORAGE.mkdir(mode=0o755, parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=ROOT_STORAGE) as temporary:
                folder = Path(temporary, "copy")
                for source in (package, *siblings):
                    shutil.copytree(source, folder / source.name, symlinks=True)
                try:
                    folder.rename(copy)
                except OSError:
                    if not copy.exists():  # else another process was faster, with the same files
                        raise
        return copy / package.name


def _service_user() -> pwd.struct_passwd:
    """Our own system user, made on first use; where the system does not let us, one that has no other rights."""
    if (found := _lookup(SERVICE_USER)) is not None:
        return found
    if program := shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin"):
        options = ["--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"]
        subprocess.run([program, *options, SERVICE_USER], capture_output=True, check=False)
    for name in (SERVICE_USER, *FALLBACK_USERS):
        if (found := _lookup(name)) is not None:
            return found
    raise EmbeddedServerError(
        f"PostgreSQL does not run as root and this system has no user for it: create one named {SERVICE_USER!r}, "
        "run this as an ordinary user, or set DATABASE_URL and REDIS_URL to servers of your own."
    )


def _lookup(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None
