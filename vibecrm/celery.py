"""The Celery application. Workers start it with `celery -A vibecrm.celery worker`."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vibecrm.settings")

app = Celery("vibecrm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
