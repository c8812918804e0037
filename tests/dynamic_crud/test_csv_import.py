"""Importing CSV files: what is read, what is refused and how that is told, and who may."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from core import jobs
from core.models import Job, User
from core.tenancy import acting_as, as_platform
from core.upkeep import upkeep
from dynamic_crud.csv_import import drafts
from dynamic_crud.csv_import.work import ImportWork
from dynamic_crud.models import CsvImport
from dynamic_crud.records import Records
from provisioning.service import provision
from tests.at_once import at_once
from tests.conftest import client_of
from tests.dynamic_crud import documents
from tests.dynamic_crud.conftest import RecordsClient, after_work, content, page, provisioned, sent
from tests.factories import share

pytestmark = pytest.mark.usefixtures("folder")


class Importing:
    """Imports into one table as its pages do it."""

    def __init__(self, client: RecordsClient, pages: Client, table: str) -> None:
        self.client = client
        self.pages = pages
        self.table = table

    def at(self, name: str = "", *args: Any) -> str:
        return page(self.client, f"record-import{'-' if name else ''}{name}", *args, table=self.table)

    def upload(self, data: str | bytes, name: str = "people.csv", **more: str) -> Any:
        file = sent(name, data.encode() if isinstance(data, str) else data, "text/csv")
        return self.pages.post(self.at(), {"file": file, **more})

    def refusal(self, data: str | bytes, **more: str) -> tuple[int, str]:
        """The status and the sentence with which a file is refused; nothing is kept of it."""
        response = self.upload(data, **more)
        with as_platform():
            assert not CsvImport.objects.exists()
        return response.status_code, response.context["problem"].detail

    def columns(self, data: str | bytes, **more: str) -> Any:
        """The page that matches the columns."""
        response = self.upload(data, **more)
        assert response.status_code == 302, response.context["problem"].detail
        return self.pages.get(response["Location"])

    def check(self, data: str | bytes, **chosen: str) -> Any:
        """The preview, with columns as they are suggested or, by their names in the file, chosen."""
        found = self.columns(data)
        known = {item.column.name: item.column.id for item in found.context["choices"]} | {"": ""}
        columns = {
            each["input"]: known[chosen[each["name"]]] if each["name"] in chosen else each["chosen"]
            for each in found.context["columns"]
        }
        return self.pages.post(found.request["PATH_INFO"], columns, follow=True)

    def faults(self, data: str | bytes, **chosen: str) -> list[tuple[int, str, str, str]]:
        """Line, column, value and sentence of everything that is wrong."""
        found = self.check(data, **chosen).context["report"]["faults"]
        assert all(each["fix"].endswith(".") for each in found), found
        return [(each["line"], each["column"], each["value"], each["detail"]) for each in found]

    def run(self, preview: Any, rows: str = "all") -> Any:
        return self.pages.post(preview.request["PATH_INFO"], {"rows": rows}, follow=True)

    def work(self, response: Any) -> Any:
        return after_work(self.pages, response)

    def listed(self, **parameters: Any) -> list[dict[str, Any]]:
        return self.client.list(self.table, page_size=200, ordering="created_at,id", **parameters).json()["results"]


@pytest.fixture
def homes(estate: RecordsClient, browser: Client) -> Importing:
    return Importing(estate, browser, "properties")


@pytest.fixture
def agents(estate: RecordsClient, browser: Client) -> Importing:
    return Importing(estate, browser, "agents")


@pytest.fixture
def queued(homes: Importing) -> Any:
    """The answer to a form whose check is a job's work."""
    rows = "".join(f"{number} Elm,{number},Ada\n" for number in range(1204))
    found = homes.columns(f"address,price,agent\n{rows}", name="homes.csv")
    chosen = {each["input"]: each["chosen"] for each in found.context["columns"]}
    return homes.pages.post(found.request["PATH_INFO"], chosen)


def test_columns_are_matched_by_name_label_and_likeness(homes: Importing) -> None:
    found = homes.columns("ADDRESS;Price ($);Status;agent (label);Listed On;id;\nA;1;sold;Ada;2026-01-02;x;\n")
    titles = {item.column.id: item.column.name for item in found.context["choices"]}
    columns = found.context["columns"]
    assert [(each["name"], titles.get(each["chosen"], "")) for each in columns] == [
        *(("ADDRESS", "address"), ("Price ($)", "price"), ("Status", "status"), ("agent (label)", "agent_id")),
        *(("Listed On", "listed_on"), ("id", ""), ("", "")),
    ]
    assert columns[5]["note"] == "Every record gets its own."
    assert columns[0]["samples"] == ["A"]
    assert found.context["delimiter"] == "semicolon"
    visits = Importing(homes.client, homes.pages, "showings").columns("Name,Starts at\nBo,x\n")
    assert [each["chosen"] for each in visits.context["columns"]] == [
        item.column.id for item in visits.context["choices"] if item.column.name in {"visitor", "starts_at"}
    ]
    missing = homes.pages.post(found.request["PATH_INFO"], {columns[1]["input"]: columns[1]["chosen"]})
    assert missing.status_code == 422
    assert missing.context["faults"] == ["Address is required: choose the column that has its values."]
    twice = {each["input"]: columns[0]["chosen"] for each in columns[:2]}
    assert homes.pages.post(found.request["PATH_INFO"], twice).context["faults"] == [
        'Address can have the values of one column, not of "ADDRESS" and "Price ($)".'
    ]
    unknown = homes.pages.post(found.request["PATH_INFO"], {columns[0]["input"]: "nonsense"})
    assert (unknown.status_code, "Match the columns again" in unknown.content.decode()) == (422, True)


@pytest.mark.parametrize(
    ("data", "encoding", "delimiter"),
    [
        ("name,email\nZo\xeb,z@example.com\n".encode(), "UTF-8", ","),
        ("name;email\r\nZo\xeb;z@example.com\r\n".encode("utf-8-sig"), "UTF-8", ";"),
        ("name\temail\nZo\xeb\tz@example.com\n".encode("utf-16"), "UTF-16", "\t"),
        ("name|email\rZo\xeb|z@example.com\r".encode("cp1252"), "Windows-1252", "|"),
        ("\ufeffname;email\nZo\xeb;z@example.com\n".encode("utf-16-be"), "UTF-16", ";"),
        ("sep=;\r\nname;email\r\nZo\xeb;z@example.com\r\n".encode(), "UTF-8", ";"),
        ('"name",email\n\n,\n"Zo\xeb",z@example.com'.encode(), "UTF-8", ","),
    ],
)
def test_encodings_and_delimiters(agents: Importing, data: bytes, encoding: str, delimiter: str) -> None:
    preview = agents.check(data)
    draft = preview.context["draft"]
    assert (draft.encoding, draft.delimiter, preview.context["report"]["faults"]) == (encoding, delimiter, [])
    assert agents.run(preview).context["result"] == {"count": 1, "refused": 0}
    (made,) = agents.listed()
    assert (made["name"], made["email"]) == ("Zo\xeb", "z@example.com")


def test_cells_are_read_as_their_columns_say(homes: Importing) -> None:
    agent = homes.client.made("agents", name="Ada, Countess", email="ada@example.com")
    lines = [
        "address,price,status,furnished,listed_on,notes,agent_id",
        "'=1 Elm,-0,Sold,YES,,'=SUM(A1),\"Ada, Countess\"",
        f'2 Elm, 5.50 ,,,2026-01-02,"two\nlines and ""quotes""",{agent["id"]}',
    ]
    preview = homes.check("\n".join(lines).replace("-0", "0"))
    assert preview.context["report"]["faults"] == []
    assert preview.context["report"]["rows"][1][1] == " 5.50 "
    homes.run(preview)
    first, second = sorted(homes.listed(), key=lambda row: row["address"], reverse=True)[::-1]
    assert first["address"] in {"=1 Elm", "2 Elm"}
    rows = {row["address"]: row for row in (first, second)}
    one, two = rows["=1 Elm"], rows["2 Elm"]
    assert (one["status"], one["furnished"], one["listed_on"], one["notes"]) == ("sold", True, None, "=SUM(A1)")
    assert (two["status"], two["price"], two["notes"]) == ("available", "5.50", 'two\nlines and "quotes"')
    assert one["agent_id"] == two["agent_id"] == agent["id"]


def test_every_problem_is_told_with_its_line_and_nothing_is_imported(homes: Importing) -> None:
    for name in ("Bob", "Bob"):
        homes.client.made("agents", name=name)
    homes.client.made("properties", address="9 Oak", status="sold")
    lines = [
        "address,price,status,listed_on,agent",
        '"1\nElm",x,,,',
        ",1,,,",
        "2 Elm,-5,broken,2026-02-30,",
        "3 Elm,1,,,Nobody",
        "4 Elm,1,,,Bob",
        "5 Elm,1,,",
        "5 Elm,1,,,,,7",
        "9 Oak,1,Sold,,",
        "6 Elm,1,,,",
        "6 Elm,2,available,,",
        f"7 Elm,2,,,{uuid4()}",
        "8 Elm,2,,,",
    ]
    found = homes.faults("\n".join(lines))
    assert [(line, column, value) for line, column, value, _ in found] == [
        *((2, "price", "x"), (4, "address", ""), (5, "price", "-5"), (5, "status", "broken")),
        *((5, "listed_on", "2026-02-30"), (6, "agent", "Nobody"), (7, "agent", "Bob"), (8, "", ""), (9, "", "")),
        *((10, "address", "9 Oak"), (12, "address", "6 Elm"), (13, "agent", found[-1][2])),
    ]
    told = [sentence for *_, sentence in found]
    assert told[1] == "Address is required."
    assert told[5] == 'There is no agent "Nobody" that you can see.'
    assert told[6] == '"Bob" is the name of 2 agents, so nobody knows which one is meant.'
    assert told[7] == "The line has 4 cells, and the first line names 5 columns."
    assert told[9] == "Another property has this Address and Status already."
    assert told[10] == "Line 11 has the same Address and Status."
    assert len(homes.listed()) == 1


def test_the_good_rows_are_imported_and_the_others_downloaded(homes: Importing, folder: Path) -> None:
    preview = homes.check("address,price,extra\n1 Elm,1,a\n2 Elm,'=x,'=b\n3 Elm,3,c\n")
    assert (preview.context["report"]["ready"], preview.context["report"]["refused"]) == (2, 1)
    text = preview.content.decode()
    assert "2 rows are ready, 1 has problems." in text
    assert homes.run(preview).redirect_chain[-1][0] == preview.request["PATH_INFO"], "All, and so none."
    assert homes.listed() == []
    done = homes.run(preview, "good")
    assert done.context["result"] == {"count": 2, "refused": 1}
    assert sorted(row["address"] for row in homes.listed()) == ["1 Elm", "3 Elm"]
    draft = done.context["draft"]
    response = homes.pages.get(homes.at("refused", draft.pk))
    assert response["Content-Disposition"] == 'attachment; filename="people with problems.csv"'
    downloaded = content(response)
    (line,) = csv.DictReader(io.StringIO(downloaded.decode("utf-8-sig")))
    assert (line["address"], line["price"], line["extra"]) == ("2 Elm", "'=x", "'=b")
    assert line["What is wrong"].startswith("price: ")
    assert [file.name for file in (folder / "imports").iterdir()] == [f"{draft.pk}.refused.csv"]
    again = homes.columns(downloaded.replace(b"'=x", b"2"))
    assert [each["note"] for each in again.context["columns"]][-1] == "What was wrong with these lines before."
    assert homes.run(homes.check(downloaded.replace(b"'=x", b"2"))).context["result"]["count"] == 1


def test_links_and_members_are_found_by_what_they_are_called(
    book: RecordsClient, tags: list[str], browser: Client, user: User
) -> None:
    book.made("tags", name="F, G")
    people = Importing(book, browser, "contacts")
    lines = ["name,tags,friends", 'Ada,"A, B,A",', f'Bob,"{tags[2]},E",', 'Cy,"F, G",', 'Di,"A,Z",', "Ada,,"]
    preview = people.check("\n".join(lines))
    assert [(each["line"], each["detail"]) for each in preview.context["report"]["faults"]] == [
        (5, 'There is no tag "Z" that you can see.'),
        (6, "Line 2 has the same Name."),
    ]
    people.run(preview, "good")
    made = {row["name"]: row["tags"] for row in people.listed()}
    assert sorted(made["Ada"]) == sorted(tags[:2])
    assert sorted(made["Bob"]) == sorted([tags[2], tags[4]])
    assert len(made["Cy"]) == 1
    board = RecordsClient(client_of(user), provisioned(user, documents.tasks()))
    tasks = Importing(board, browser, "tasks")
    preview = tasks.check(f"title,owner,reviewer\nCall,{user.email.upper()},{user.pk}\nWrite,,Nobody\n")
    assert [each["detail"] for each in preview.context["report"]["faults"]] == [
        'There is no member of this project "Nobody".'
    ]
    tasks.run(preview, "good")
    assert [(row["owner"], row["reviewer"]) for row in tasks.listed()] == [(str(user.pk), str(user.pk))]


BROKEN = [
    (b"", "The file has no first line"),
    (b",,\n1,2,3\n", "The file has no first line"),
    (b"name,email\n", "The file has no rows"),
    (b"name,email\n\n,\n", "The file has no rows"),
    (b"PK\x03\x04rest", "This is a workbook or an archive"),
    (b"name,email\nAda,a\nB\0b,b\n", "Line 3 has a NUL character"),
    (b'name,email\nAda,a\n"Bob,b\nCy,c\n', "In the record that begins on line 3, a quotation mark is opened"),
    (b'name,email\nAda,a\n"Bob" x,b\n', "In the record that begins on line 3, a closing quotation mark"),
    (b"\xef\xbb\xbfname,email\nAda,\xff\n", "Line 2 has bytes that are no UTF-8"),
    (b"name,email\nAda,\x81\n", "Line 2 has bytes that are neither UTF-8 nor Windows-1252"),
    (b"\xff\xfen\0a\0\x00\xd8", "Line 1 has bytes that are no UTF-16"),
    (b"name," + b"," * 1_000_000 + b"\n1\n", "The file has more than 500 columns."),
    (b"name\n" + b"x\n" * 20_001, "The file has more than 20,000 rows."),
    (b"x" * (10 * 1024 * 1024 + 1), "The file is larger than 10 MB."),
]


def test_what_cannot_be_read_is_told_with_its_line(agents: Importing, folder: Path) -> None:
    for data, beginning in BROKEN:
        status, detail = agents.refusal(data)
        assert detail.startswith(beginning), (data[:40], detail)
        assert status == (413 if "more than" in detail or "larger" in detail else 400), detail
    assert agents.pages.post(agents.at()).context["problem"].detail == "No file was sent. Choose a CSV file."
    assert not list(folder.rglob("*.*")), "Nothing is kept of what cannot be read."


@pytest.mark.parametrize(
    "data",
    [
        b"name\n" + b"x" * (10 * 1024 * 1024 - 10),
        b'name\n"' + b"\n" * 5_000_000 + b'"\n',
        b"name\nAda" + b",x" * 1_000_000,
        b'name\n"' + b'""' * 2_000_000 + b'"\n',
        b"name\n\x01\x1b[31m\x7f" + b"=cmd|' /C calc'!A0" * 10,
        b'=HYPERLINK("http://x"),name\n1,2\n' + "\u202egnp.exe,Bob\n".encode(),
    ],
)
def test_hostile_files_end_in_an_answer(agents: Importing, data: bytes) -> None:
    found = agents.columns(data)
    assert len(found.content) < 200_000
    columns = {each["input"]: "" for each in found.context["columns"]}
    (name,) = (item.column.id for item in found.context["choices"] if item.column.name == "name")
    columns[found.context["columns"][0]["input"]] = name
    preview = agents.work(agents.pages.post(found.request["PATH_INFO"], columns))
    report = preview.context["report"]
    assert report["ready"] + report["refused"] == found.context["draft"].row_count
    assert len(preview.content) < 200_000
    done = agents.work(agents.pages.post(preview.request["PATH_INFO"], {"rows": "good"}))
    assert done.context.get("result", {"refused": 0})["refused"] == (report["refused"] if report["ready"] else 0)


def test_an_import_is_undone_and_that_too(agents: Importing, folder: Path) -> None:
    done = agents.run(agents.check("name\nAda\nBob\n"))
    draft = done.context["draft"]
    assert list((folder / "imports").iterdir()) == []
    undone = agents.pages.post(agents.at("undo", draft.pk), follow=True)
    assert undone.context["result"]["undone"] == 2
    assert agents.listed() == []
    assert agents.pages.post(agents.at("undo", draft.pk), follow=True).context["result"]["undone"] == 2
    (batch,) = agents.client.trash()
    assert agents.client.restore(batch["batch"]).json()["restored"] == 2
    assert [row["name"] for row in agents.listed()] == ["Ada", "Bob"]
    again = agents.pages.post(agents.at("preview", draft.pk), {"rows": "all"}, follow=True)
    assert again.context["result"]["count"] == 2, "It is done, and is not done again."
    assert len(agents.listed()) == 2


def test_an_import_that_is_run_twice_adds_its_records_once(agents: Importing, user: User) -> None:
    preview = agents.check("name,email\n" + "".join(f"P{n},p{n}@example.com\n" for n in range(30)))
    draft = preview.context["draft"]

    def run(_: int) -> Any:
        records = Records.access(user, agents.client.project.pk, "agents")
        return ImportWork(records, CsvImport(**{f.attname: getattr(draft, f.attname) for f in draft._meta.fields})).run(
            "all"
        )

    results = at_once([lambda: run(0), lambda: run(1), lambda: run(2)])
    assert results == [{"count": 30, "refused": 0}] * 3
    assert len(agents.listed()) == 30
    assert run(3) == {"count": 30, "refused": 0}, "A worker that takes over after a crash finds the records."


def test_what_the_preview_could_not_know_is_told_by_the_import(
    user: User, other_user: User, estate: RecordsClient
) -> None:
    """An editor does not see the agent of the owner whose address is taken."""
    estate.made("agents", name="Hers", email="taken@example.com")
    share(estate.project, other_user, "editor")
    pages = Client()
    pages.force_login(other_user)
    theirs = Importing(RecordsClient(client_of(other_user), estate.project), pages, "agents")
    preview = theirs.check("name,email\nOne,one@example.com\nTwo,taken@example.com\n")
    assert preview.context["report"]["faults"] == []
    refused = theirs.run(preview)
    (message,) = refused.context["messages"]
    assert str(message) == "1 row has problems, so nothing was imported. Go back to see them."
    (fault,) = refused.context["report"]["faults"]
    assert (fault["line"], fault["column"], fault["value"]) == (3, "email", "taken@example.com")
    assert theirs.listed() == []
    assert theirs.run(refused, "good").context["result"] == {"count": 1, "refused": 1}
    assert [row["name"] for row in theirs.listed()] == ["One"]


def test_many_rows_are_the_work_of_jobs(homes: Importing, queued: Any, user: User) -> None:
    homes.client.made("agents", name="Ada")

    assert "/jobs/" in queued["Location"]
    preview = homes.work(queued)
    assert (preview.context["report"]["ready"], preview.context["report"]["refused"]) == (1204, 0)
    assert "1,204 rows are ready" in preview.content.decode()
    done = homes.work(homes.pages.post(preview.request["PATH_INFO"], {"rows": "all"}))
    assert done.context["result"] == {"count": 1204, "refused": 0}
    assert homes.client.list("properties").json()["count"] == 1204
    undone = homes.work(homes.pages.post(homes.at("undo", done.context["draft"].pk)))
    assert undone.context["result"]["undone"] == 1204
    assert homes.client.list("properties").json()["count"] == 0
    with as_platform():
        (job, *_) = Job.objects.filter(kind="csv_import")
        assert [step["status"] for step in job.steps if step["status"] != "done"] == []


def addresses(importing: Importing, draft: CsvImport) -> Iterator[tuple[str, str]]:
    """Each page of an import with the method that it takes."""
    for name in ("columns", "preview", "done", "refused"):
        yield "get", importing.at(name, draft.pk)
    for name in ("columns", "preview", "undo", "cancel"):
        yield "post", importing.at(name, draft.pk)


def test_nobody_else_sees_or_runs_an_import(homes: Importing, other_user: User) -> None:
    draft = homes.check("address\n1 Elm\n").context["draft"]
    invented = CsvImport(pk=uuid4())
    theirs = Client(raise_request_exception=False)
    theirs.force_login(other_user)
    listing = page(homes.client, "record-list", table="properties")
    for role, status in ((None, 404), ("admin", 404), ("editor", 404), ("viewer", 403)):
        if role:
            share(homes.client.project, other_user, role)
        for mine, other in zip(addresses(homes, draft), addresses(homes, invented), strict=True):
            (method, address), (_, unknown) = mine, other
            answer, no_such = getattr(theirs, method)(address), getattr(theirs, method)(unknown)
            assert answer.status_code == no_such.status_code == status, (role, address)
            assert draft.name not in answer.content.decode()
        if role:
            assert (homes.at() in theirs.get(listing).content.decode()) == (role != "viewer")
        upload = theirs.post(homes.at(), {"file": sent("x.csv", b"address\nTheirs\n")})
        assert upload.status_code == {None: 404, "viewer": 403}.get(role, 302)
        if role in {"admin", "editor"}:
            assert draft.name not in theirs.get(homes.at()).content.decode().replace("x.csv", "")
    with acting_as(other_user.pk):
        assert not CsvImport.objects.filter(pk=draft.pk).exists(), "Nor do code below the views and SQL of one's own."
    other_table = Importing(homes.client, homes.pages, "agents")
    assert {homes.pages.get(other_table.at("columns", draft.pk)).status_code} == {404}
    assert homes.listed() == []
    job = jobs.submit(
        other_user,
        "csv_import",
        {"import": str(draft.pk), "table": "properties", "action": "all"},
        homes.client.project,
    )
    jobs.run(job.pk)
    assert jobs.find(other_user, job.pk).error["status"] in {403, 404}
    assert homes.run(homes.pages.get(homes.at("preview", draft.pk))).context["result"]["count"] == 1


def test_what_nobody_goes_on_with_is_forgotten(homes: Importing, folder: Path, user: User) -> None:
    cancelled = homes.check("address\n1 Elm\n").context["draft"]
    assert homes.pages.post(homes.at("cancel", cancelled.pk), follow=True).status_code == 200
    assert homes.pages.get(homes.at("preview", cancelled.pk)).status_code == 404
    assert list((folder / "imports").iterdir()) == []
    kept, old = (homes.check("address,price\n1 Elm,x\n").context["draft"] for _ in range(2))
    with as_platform():
        CsvImport.objects.filter(pk=old.pk).update(created_at=timezone.now() - drafts.KEPT - timedelta(minutes=1))
    assert homes.pages.get(homes.at("columns", old.pk)).status_code == 404, "It is a day old, whether purged or not."
    assert [each.pk for each in homes.pages.get(homes.at()).context["unfinished"]] == [kept.pk]
    for file in (folder / "imports").glob(f"{old.pk}*"):
        aged = (timezone.now() - drafts.KEPT - timedelta(minutes=1)).timestamp()
        os.utime(file, (aged, aged))
    upkeep.get("forget_imports")()
    assert sorted(file.name for file in (folder / "imports").iterdir()) == [f"{kept.pk}", f"{kept.pk}.refused.csv"]
    with as_platform():
        assert [each.pk for each in CsvImport.objects.all()] == [kept.pk]


def test_a_user_keeps_so_many_files_and_no_more(agents: Importing) -> None:
    for _ in range(20):
        agents.upload("name\nAda\n")
    refused = agents.upload("name\nAda\n")
    assert (refused.status_code, refused.context["problem"].code) == (409, "too_many_imports")
    agents.pages.post(agents.at("cancel", refused.context["unfinished"][0].pk))
    assert agents.upload("name\nAda\n").status_code == 302


def test_a_changed_table_asks_for_the_columns_again(homes: Importing, user: User) -> None:
    draft = homes.check("address,notes\n1 Elm,x\n").context["draft"]
    document = documents.estate()
    document["tables"][1]["columns"] = [each for each in document["tables"][1]["columns"] if each["name"] != "notes"]
    job = provision(user, homes.client.project, document, confirm_destructive=True)
    assert job is not None
    jobs.run(job.pk)
    back = homes.pages.post(homes.at("preview", draft.pk), {"rows": "all"}, follow=True)
    (message,) = back.context["messages"]
    assert "Match the columns again" in str(message)
    assert homes.listed() == []
