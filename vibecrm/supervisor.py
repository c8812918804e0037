"""`make run` and `make setup`: from a fresh clone to a product that is served.

It starts with any Python and nothing installed. When the virtual environment is ready, its Python takes this process
over to run `vibecrm.product`.
"""

from __future__ import annotations

import argparse
import os
import sys

from vibecrm.installation import PROJECT_ROOT, PYTHON, InstallationError, check_python, install


def main() -> int:
    """Runs the command that the arguments name. Only failures return from `run`: it becomes another program."""
    parser = argparse.ArgumentParser(prog="python -m vibecrm.supervisor", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="install what is missing, then serve the product until Ctrl-C")
    setup = commands.add_parser("setup", help="install what is missing into .venv")
    setup.add_argument("--dev", action="store_true", help="with what the tests and the linters need")
    arguments = parser.parse_args()
    try:
        check_python()
        install(dev=arguments.command == "setup" and arguments.dev)
    except (InstallationError, OSError) as error:
        print(f"VibeCRM cannot be installed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if arguments.command == "run":
        os.chdir(PROJECT_ROOT)
        os.execv(PYTHON, [str(PYTHON), "-m", "vibecrm.product"])  # noqa: S606
    return 0


if __name__ == "__main__":
    sys.exit(main())
