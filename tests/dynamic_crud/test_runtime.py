"""Runtime models: complete, private, and gone when nobody uses them."""

from __future__ import annotations

import gc
import threading
import weakref
from collections import Counter

import pytest
from django.apps import apps
from django.db import models

from core.errors import NotFound
from core.models import User
from dynamic_crud.factory import DynamicRow
from dynamic_crud.filters import filter_set
from dynamic_crud.forms import form_class
from dynamic_crud.registry import APP_LABEL, SchemaApps, UnresolvedRelation
from dynamic_crud.resources import Runtime
from dynamic_crud.runtime import RuntimeCache
from dynamic_crud.serializers import serializer_class
from schemas.document import Schema
from tests.dynamic_crud.conftest import runtime_of
from tests.dynamic_crud.documents import estate, every_type


def test_models_mirror_their_tables() -> None:
    runtime = runtime_of(estate())
    model = runtime.models["properties"]
    assert model._meta.db_table == "properties"
    assert not model._meta.managed
    assert [field.column for field in model._meta.concrete_fields] == [
        "id", "user_id", "created_at", "updated_at",
        "address", "price", "status", "furnished", "listed_on", "notes", "agent_id",
    ]  # fmt: skip
    relation = model._meta.get_field("agent")
    assert relation.attname == relation.column == "agent_id"
    assert relation.related_model is runtime.models["agents"]


def test_all_models_of_a_version_know_each_other() -> None:
    runtime = runtime_of(estate())
    for table, column in runtime.schema.referencing("agents"):
        source = runtime.models[table.name]
        assert source._meta.get_field(column.name.removesuffix("_id")).related_model is runtime.models["agents"]


def test_reverse_lookups_work_inside_the_private_registry() -> None:
    agents = runtime_of(estate()).models["agents"]
    reverse = [relation.name for relation in agents._meta.related_objects]
    assert len(set(reverse)) == 2
    for name in reverse:
        assert "JOIN" in str(agents.objects.filter(**{f"{name}__isnull": False}).query)


def test_the_global_registry_never_hears_of_runtime_models() -> None:
    before = {label: dict(found) for label, found in apps.all_models.items()}
    related = list(User._meta.related_objects)
    runtime_of(estate())
    assert {label: dict(found) for label, found in apps.all_models.items()} == before
    assert APP_LABEL not in apps.all_models
    assert apps._pending_operations == {}
    assert list(User._meta.related_objects) == related


def test_two_hundred_rebuilds_leave_no_class_behind() -> None:
    schema = runtime_of(every_type()).schema
    built: list[weakref.ref[type[DynamicRow]]] = []
    for _ in range(200):
        runtime = Runtime(schema)
        for resource in runtime.resources.values():
            form_class(resource), serializer_class(resource), filter_set(resource)
        built += [weakref.ref(model) for model in runtime.models.values()]
    del runtime, resource
    gc.collect()
    assert sum(reference() is not None for reference in built) == 0


def test_models_are_complete_before_anyone_gets_them() -> None:
    model = runtime_of(estate()).models["properties"]
    lazily_filled = {"fields_map", "_relation_tree", "related_objects", "concrete_fields", "db_returning_fields"}
    assert lazily_filled <= set(model._meta.__dict__)
    assert "path_infos" in model._meta.get_field("agent").__dict__


def test_a_relation_to_a_missing_table_is_refused() -> None:
    document = estate()
    document["tables"] = [table for table in document["tables"] if table["name"] != "agents"]
    with pytest.raises(UnresolvedRelation, match="agents"):
        Runtime(Schema.from_json(document))


def test_rows_are_called_by_their_title() -> None:
    models_by_table = runtime_of(estate()).models
    assert str(models_by_table["properties"](address="1 Main St")) == "1 Main St"
    nameless = models_by_table["properties"](address="")
    assert str(nameless) == f"Property {str(nameless.pk)[:8]}"


def test_a_select_as_title_is_called_by_its_label() -> None:
    document = estate()
    document["tables"][1]["ui_hints"]["title_column"] = "status"
    assert str(runtime_of(document).models["properties"](status="sold")) == "Sold"


def test_a_version_is_built_once_however_many_threads_ask() -> None:
    schema = runtime_of(estate()).schema
    cache, builds, found = RuntimeCache(4), Counter[str](), []
    together = threading.Barrier(8)

    def build() -> Runtime:
        builds["built"] += 1
        return Runtime(schema)

    def ask() -> None:
        together.wait()
        found.append(cache.get("key", build))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert builds["built"] == 1
    assert len({id(runtime) for runtime in found}) == 1


def test_the_least_recently_used_version_falls_out() -> None:
    schema = runtime_of(estate()).schema
    cache = RuntimeCache(2)
    first = cache.get("first", lambda: Runtime(schema))
    cache.get("second", lambda: Runtime(schema))
    assert cache.get("first", lambda: pytest.fail("built again")) is first
    cache.get("third", lambda: Runtime(schema))
    assert len(cache) == 2
    assert cache.get("first", lambda: pytest.fail("built again")) is first
    rebuilt = Runtime(schema)
    assert cache.get("second", lambda: rebuilt) is rebuilt


def test_a_failed_build_is_tried_again() -> None:
    cache = RuntimeCache(2)

    def fail() -> Runtime:
        raise UnresolvedRelation("once")

    with pytest.raises(UnresolvedRelation):
        cache.get("key", fail)
    runtime = runtime_of(estate())
    assert cache.get("key", lambda: runtime) is runtime


def test_an_unknown_table_is_not_found() -> None:
    with pytest.raises(NotFound):
        runtime_of(estate()).resource("passwords")


def test_what_is_derived_from_a_resource_is_kept_with_it() -> None:
    resource = runtime_of(estate()).resource("properties")
    assert form_class(resource) is form_class(resource)
    assert form_class(resource) is not form_class(runtime_of(estate()).resource("properties"))


def test_a_registry_lists_only_its_own_models() -> None:
    registry = SchemaApps()
    with registry.building():
        meta = type("Meta", (), {"apps": registry, "app_label": APP_LABEL})
        made = type("Lonely", (models.Model,), {"__module__": __name__, "Meta": meta})
    assert registry.get_models() == [made]
