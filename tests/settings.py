"""The product's own settings on a throwaway home, so that no test can touch anyone's data."""

import atexit
import os
import shutil
import tempfile

os.environ["VIBECRM_HOME"] = tempfile.mkdtemp(prefix="vibecrm-tests-")
atexit.register(shutil.rmtree, os.environ["VIBECRM_HOME"], ignore_errors=True)
for name in ("DATABASE_URL", "REDIS_URL", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "SECRET_KEY", "DEBUG"):
    os.environ[name] = ""
os.environ["GITHUB_API_URL"] = "http://127.0.0.1:9"  # nothing listens there: no test reaches the real one

from vibecrm.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
