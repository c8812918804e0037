"""Links: which rows a record points to by a many-to-many relation, read and written.

A link to a row that the door hides is as good as none: it is not shown, no filter finds it, and who replaces the links
of a record leaves it where it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, cast
from uuid import UUID

from django.db.models import ForeignKey, ManyToManyField, QuerySet
from django.db.models.functions import Now

from core.tenancy import Door
from dynamic_crud.factory import DynamicRow
from dynamic_crud.resources import ResourceField
from schemas.junctions import SOURCE, TARGET
from schemas.names import relation_field_name

MAX_LINKS: Final = 500
"""How many rows one value may link to."""


def linked_rows(item: ResourceField, alias: str) -> QuerySet[DynamicRow]:
    """The rows that the relation links to, in the order in which they were linked. Narrow it to those of some rows."""
    links = cast("ForeignKey[Any, Any]", _junction(item)._meta.get_field(relation_field_name(TARGET)))
    return _target(item).objects.using(alias).order_by(f"{links.related_query_name()}__created_at", "pk")


def rows_linked_to(item: ResourceField, alias: str, source: Any) -> QuerySet[DynamicRow]:
    """The rows that a row links to by the relation, in no order; of several rows with repetitions.

    Args:
        item: the relation.
        alias: the database of the open door.
        source: the row's id, an expression for it, or a query of several rows.
    """
    lookup = "__in" if isinstance(source, QuerySet) else ""
    return _target(item).objects.using(alias).filter(**{f"{_backwards(item)}{lookup}": source})


def add_links(door: Door, item: ResourceField, pairs: Iterable[tuple[UUID, UUID]]) -> None:
    """Stores links that may be there already.

    Args:
        door: the open door.
        item: the relation.
        pairs: the ids of a row that has the relation and of the row that it links to.
    """
    junction = _junction(item)
    links = [junction(**{SOURCE: source, TARGET: target}) for source, target in pairs]
    junction.objects.using(door.alias).bulk_create(links, ignore_conflicts=True)


def save_links(door: Door, row: DynamicRow, links: Mapping[ResourceField, Collection[UUID]]) -> None:
    """Makes a row link to these rows by each of the relations, as `replace_links` does; that counts as its change."""
    changed = [replace_links(door, item, row.pk, targets) for item, targets in links.items()]
    if any(changed):
        type(row).objects.using(door.alias).filter(pk=row.pk).update(updated_at=Now())


def replace_links(door: Door, item: ResourceField, source: UUID, targets: Collection[UUID]) -> bool:
    """Makes a row link to these rows and to no others that the door shows. Links that stay are not touched.

    Args:
        door: the open door. The row has to be locked in it: two that replace its links at once follow one another.
        item: the relation.
        source: the row's id.
        targets: ids of rows that the door shows.

    Returns:
        Whether anything changed.
    """
    current = set(rows_linked_to(item, door.alias, source).values_list("pk", flat=True))
    added = [target for target in dict.fromkeys(targets) if target not in current]
    removed = current.difference(targets)
    if removed:
        links = {SOURCE: source, f"{TARGET}__in": removed}
        _junction(item).objects.using(door.alias).filter(**links).delete()
    if added:
        add_links(door, item, ((source, target) for target in added))
    return bool(added or removed)


def set_links(door: Door, item: ResourceField, sources: Collection[UUID], targets: Collection[UUID]) -> None:
    """Makes many rows link to the same rows, and to no others that the door shows.

    Args:
        door: the open door. The rows have to be locked in it.
        item: the relation.
        sources: the rows' ids.
        targets: ids of rows that the door shows.
    """
    seen = _target(item).objects.using(door.alias).values("pk")
    links = _junction(item).objects.using(door.alias).filter(**{f"{SOURCE}__in": sources, f"{TARGET}__in": seen})
    links.exclude(**{f"{TARGET}__in": targets}).delete()
    add_links(door, item, ((source, target) for source in sources for target in targets))


def links_table(item: ResourceField) -> str:
    """The name of the relation's junction table."""
    return _junction(item)._meta.db_table


def _junction(item: ResourceField) -> type[DynamicRow]:
    return cast("type[DynamicRow]", cast("ManyToManyField[Any, Any]", item.model_field).remote_field.through)


def _target(item: ResourceField) -> type[DynamicRow]:
    return cast("type[DynamicRow]", item.model_field.related_model)


def _backwards(item: ResourceField) -> str:
    """The name by which queries of the target reach the rows that link to it."""
    return cast("ManyToManyField[Any, Any]", item.model_field).related_query_name()
