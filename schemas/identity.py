"""Which table or column of an earlier version an entry of a document means: that is what its id says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schemas.document import Json, stable_id
from schemas.names import is_name


@dataclass(frozen=True, slots=True)
class Named:
    """What an entry says about who it is. Texts are empty where it says nothing of use."""

    name: str
    id: str
    renamed_from: str

    @classmethod
    def read(cls, entry: Mapping[str, Json], name_key: str) -> Named:
        """Reads a table, column or relationship; whatever is no name counts as nothing."""
        given_id = entry.get("id")
        name, old_name = entry.get(name_key), entry.get("renamed_from")
        return cls(
            name=name if is_name(name) else "",
            id=given_id if isinstance(given_id, str) else "",
            renamed_from=old_name if is_name(old_name) else "",
        )


def assign_ids(entries: Sequence[Named], known: Mapping[str, str], prefix: str) -> list[str]:
    """The id of each entry: its own, that of what it was renamed from, that of its name, else a new one.

    A rename that the earlier version has already seen means the new name: a document may be sent twice. An id that
    the earlier version gave to something else is never given again.

    Args:
        entries: tables, or the columns of one table, in the order of the document.
        known: ids of the earlier version by name.
        prefix: the first letter of new ids.

    Returns:
        One id an entry; empty for an entry without a usable name, or whose name an earlier entry has.
    """
    ids = [entry.id for entry in entries]
    taken = {given for given in ids if given}
    kept = {entry.name for entry in entries if not entry.renamed_from}

    def claim(number: int, name: str) -> None:
        found = known.get(name, "")
        if found and not ids[number] and found not in taken:
            ids[number] = found
            taken.add(found)

    for number, entry in enumerate(entries):
        done_before = entry.name in known and entry.renamed_from in kept
        if entry.renamed_from and not done_before:
            claim(number, entry.renamed_from)
    for number, entry in enumerate(entries):
        claim(number, entry.name)
    taken |= set(known.values())
    new: set[str] = set()
    for number, entry in enumerate(entries):
        if entry.name and not ids[number] and entry.name not in new:
            ids[number] = _new_id(prefix, entry.name, taken)
            taken.add(ids[number])
            new.add(entry.name)
    return ids


def _new_id(prefix: str, name: str, taken: set[str]) -> str:
    candidate, number = stable_id(prefix, name), 2
    while candidate in taken:
        candidate, number = stable_id(prefix, f"{name}_{number}"), number + 1
    return candidate
