"""Taking a provisioning job back before a worker has begun with it."""

from __future__ import annotations

import pytest
from django.test import Client
from rest_framework.test import APIClient

from core import jobs
from core.errors import Problem
from core.models import Project, User
from provisioning import executor
from tests.conftest import client_of
from tests.provisioning.acts import migrations, provision, reload, submit, work
from tests.provisioning.documents import estate


def test_a_job_that_waits_can_be_taken_back(user: User, project: Project, api: APIClient) -> None:
    job = submit(user, project, estate())
    response = api.delete(f"/api/v1/jobs/{job.pk}")
    assert (response.status_code, response.json()["status"]) == (200, "failed")
    assert response.json()["error"]["code"] == "cancelled"
    assert migrations(project)[0].status == "failed"
    assert api.delete(f"/api/v1/jobs/{job.pk}").status_code == 200, "again, it changes nothing"
    assert provision(user, project, estate())["version"] == "1.0.0"


def test_a_worker_that_gets_it_late_does_nothing(user: User, project: Project) -> None:
    job = submit(user, project, estate())
    jobs.cancel(user, job.pk)
    jobs.run(job.pk)
    with pytest.raises(Problem, match="cancelled before it began"):
        executor.execute(migrations(project)[0].pk, jobs.JobContext(job))
    assert reload(user, project).active_config is None


def test_what_has_begun_or_is_done_cannot_be_taken_back(user: User, project: Project, api: APIClient) -> None:
    job = submit(user, project, estate())
    work(user, job)
    response = api.delete(f"/api/v1/jobs/{job.pk}")
    assert (response.status_code, response.json()["code"]) == (409, "not_cancellable")
    assert jobs.find(user, job.pk).status == "succeeded"


def test_nobody_takes_back_the_work_of_others(user: User, other_user: User, project: Project) -> None:
    job = submit(user, project, estate())
    assert client_of(other_user).delete(f"/api/v1/jobs/{job.pk}").status_code == 404
    assert jobs.find(user, job.pk).status == "queued"


def test_the_page_has_a_button_for_it(user: User, project: Project) -> None:
    browser = Client()
    browser.force_login(user)
    job = submit(user, project, estate())
    page = f"/jobs/{job.pk}/?back=/projects/"
    assert f"/jobs/{job.pk}/cancel/?back=%2Fprojects%2F" in browser.get(page).content.decode()
    response = browser.post(f"/jobs/{job.pk}/cancel/?back=/projects/", follow=True)
    assert response.redirect_chain[-1][0] == f"/jobs/{job.pk}/?back=%2Fprojects%2F"
    text = response.content.decode()
    assert "The work was cancelled before it began." in text
    assert "/cancel/" not in text
    browser.post(f"/jobs/{job.pk}/cancel/")
    finished = submit(user, project, estate())
    work(user, finished)
    assert "Wait for its end." in browser.post(f"/jobs/{finished.pk}/cancel/", follow=True).content.decode()
