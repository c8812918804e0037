"""Which files may be put into a row: those that it has already, and those that the user uploaded for that column.

A caller names files by their ids. What a row then says of them (name, size, type) comes from the server alone. Other
people's files and files that do not exist are refused in the same words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core import files
from core.errors import BadRequest
from core.models import Project, StoredFile, User
from dynamic_crud.factory import DynamicRow
from dynamic_crud.resources import Resource, ResourceField, derived
from schemas.column_types.attachment import FilesField


@derived
def file_fields(resource: Resource) -> tuple[ResourceField, ...]:
    """The columns of a resource that hold files."""
    return tuple(item for item in resource.fields if isinstance(item.model_field, FilesField))


def place_of(project: Project, resource: Resource, item: ResourceField) -> files.Place:
    """Where the files of a column belong."""
    return files.Place(project, resource.table.id, item.column.id)


def described(file: StoredFile) -> dict[str, Any]:
    """What a row says of a file."""
    return {"id": str(file.pk), "name": file.name, "size": file.size, "type": file.content_type}


@dataclass(frozen=True, slots=True)
class Received:
    """What a form brought for one column.

    Args:
        files: what is known of the files that were stored, now or by an earlier try of the same form.
        faults: why others were not, in sentences.
    """

    files: tuple[dict[str, Any], ...] = ()
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """The user's own uploads among the ids that are about to be attached.

    They are looked up before the project's door opens, because doors do not nest; which of them a row had before is
    known inside of it.
    """

    resource: Resource
    own: Mapping[UUID, StoredFile]

    @classmethod
    def make(cls, user: User, project: Project, resource: Resource, rows: Iterable[Mapping[str, Any]]) -> Claim:
        """Looks up all files that the rows' values name."""
        names = [item.name for item in file_fields(resource)]
        ids = {file_id for values in rows for name in names for file_id in values.get(name) or ()}
        return cls(resource, files.claim_own(user, project, ids) if ids else {})

    def resolve(
        self, rows: Sequence[Mapping[str, Any]], paths: Sequence[str], before: DynamicRow | None = None
    ) -> list[dict[str, Any]]:
        """The rows' values, with what is known of each file in place of its id.

        Args:
            rows: validated values; files as lists of ids.
            paths: the JSON path of each row, for errors.
            before: the row as it is, for a change.

        Raises:
            BadRequest: with an entry for every id that may not be attached, and every list that is too long.
        """
        resolved, faults = [dict(values) for values in rows], []
        for item in file_fields(self.resource):
            had = {file["id"]: file for file in (before and getattr(before, item.name)) or ()}
            for values, path in zip(resolved, paths, strict=True):
                if not values.get(item.name):
                    continue
                found = [(file_id, had.get(str(file_id)) or self._own(item, file_id)) for file_id in values[item.name]]
                values[item.name] = [file for _, file in found]
                faults += _faults(item, found, f"{path}.{item.column.name}")
        if faults:
            raise BadRequest(
                "Some files cannot be attached; `errors` says which.", code="invalid_values", errors=faults
            )
        return resolved

    def find(self, item: ResourceField, ids: Iterable[UUID]) -> list[dict[str, Any]]:
        """Those of the files that may be attached to the column."""
        return [file for file_id in ids if (file := self._own(item, file_id))]

    def _own(self, item: ResourceField, file_id: UUID) -> dict[str, Any] | None:
        file = self.own.get(file_id)
        is_here = file and (file.table_id, file.column_id) == (self.resource.table.id, item.column.id)
        return described(file) if file and is_here else None


def _faults(item: ResourceField, found: Sequence[tuple[UUID, Any]], path: str) -> list[dict[str, str]]:
    missing = [
        {
            "code": "does_not_exist",
            "path": f"{path}[{index}]",
            "detail": f"You have uploaded no file with the id {file_id} for this column.",
            "fix": "Upload the file to this column first, and use the id that the answer holds.",
        }
        for index, (file_id, file) in enumerate(found)
        if file is None
    ]
    most = item.settings["max_files"]
    if len(found) <= most:
        return missing
    detail = f"{len(found)} files are given where at most {most} fit."
    return [*missing, {"code": "too_many", "path": path, "detail": detail, "fix": "Leave some of them out."}]
