"""The offline engine: a prompt in, a draft out, always the same one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from schemas.blueprints import Blueprint, blueprints
from schemas.document import Schema
from schemas.generation.draft import Draft, Intent, Progress, Request, Round
from schemas.generation.edits import OperationError
from schemas.generation.offline.description import Description, asks_for_application, describe
from schemas.generation.offline.designing import Design, design, whole_blueprint
from schemas.generation.offline.finding import Unclear
from schemas.generation.offline.matching import best_blueprint, is_known, speaks_of
from schemas.generation.offline.reading import Reading, read
from schemas.generation.offline.revising import Revision, revise

NO_MODEL: Final = (
    "No AI model was used: the offline generator read your words with fixed rules and bundled templates. "
    "Set ANTHROPIC_API_KEY to have Claude draft schemas."
)
_SUGGESTIONS: Final = ("real_estate", "clinic", "projects")


@dataclass(frozen=True, slots=True)
class OfflineEngine:
    """Drafts schemas without a model. Equal prompts give equal drafts."""

    key: str = "offline"
    model: str = ""
    repairs: int = 0

    def draft(self, request: Request, rounds: tuple[Round, ...], progress: Progress) -> Draft:
        """Reads the prompt as a description of an application or, where there is one, as commands that change it."""
        reading = read(request.prompt)
        wants_new = any(asks_for_application(sentence.text) for sentence in reading.sentences)
        if request.active is None or wants_new:
            return _create(request, reading)
        try:
            revision = revise(request.active, reading)
        except Unclear as unclear:
            return _clarify(unclear.question, unclear.suggestions, "MODIFY")
        except OperationError as error:
            message = f"That cannot be done. {error}"
            return Draft(outcome="reject", intent="MODIFY", message=message, warnings=(NO_MODEL,))
        return _revised(revision) if revision.steps else _not_understood(request.active)


def _create(request: Request, reading: Reading) -> Draft:
    description = describe(reading, is_known)
    nouns = [mention.phrase for mention in description.mentions]
    blueprint = best_blueprint(request.prompt, description.field, nouns)
    if not description.mentions and blueprint is None:
        return _not_understood(None)
    if not description.mentions and blueprint is not None:
        made = whole_blueprint(blueprint, description.name)
    else:
        made = design(description, blueprint)
    if not made.schema.tables or not _is_about_something(description, made):
        return _not_understood(None)
    return Draft(
        outcome="schema",
        intent="CREATE",
        message=_created(made.schema),
        reasoning=_reasoning(made),
        document=made.schema.to_json(),
        warnings=(NO_MODEL, *_assumptions(made), *_far_from(description, blueprint)),
    )


def _assumptions(made: Design) -> tuple[str, ...]:
    return (f"Assumed, for you did not say: {', '.join(made.assumed)} are linked.",) if made.assumed else ()


def _far_from(description: Description, blueprint: Blueprint | None) -> tuple[str, ...]:
    """Said when a general template stands in for a line of work that no template knows."""
    if description.mentions or blueprint is None or not description.field or speaks_of(blueprint, description.field):
        return ()
    return (f'No template knows "{description.field}"; this is {blueprint.title}. Name the things you keep track of.',)


def _is_about_something(description: Description, made: Design) -> bool:
    """Whether the words say more than any words would: a table that is known, described, or asked for."""
    said_more = any(mention.columns or mention.links for mention in description.mentions)
    return bool(made.sources or said_more or description.asks_for_application)


def _created(schema: Schema) -> str:
    labels = [table.label_plural for table in schema]
    listed = " and ".join(filter(None, [", ".join(labels[:-1]), labels[-1]]))
    noun = "table" if len(labels) == 1 else "tables"
    return f"Drafted {len(labels)} {noun}: {listed}. Look them over, then provision them."


def _reasoning(made: Design) -> str:
    parts = []
    if made.sources:
        parts.append(f"Tables that the bundled templates know come from {', '.join(made.sources)}.")
    if made.invented:
        named = ", ".join(name.replace("_", " ") for name in made.invented)
        parts.append(f"These were made from your words alone: {named}. Types were chosen by the columns' names.")
    links = [
        f"{table.label_plural.lower()} to {column.config['to_table'].replace('_', ' ')}"
        for table in made.schema
        for column in table.columns
        if column.is_relation
    ]
    if links:
        parts.append(f"Linked: {', '.join(links)}.")
    return " ".join(parts)


def _revised(revision: Revision) -> Draft:
    intent: Intent = "RELATE" if revision.is_relating else "MODIFY"
    return Draft(
        outcome="schema",
        intent=intent,
        reasoning="Your words were read as commands; each became one operation on the current schema.",
        operations=revision.steps,
        warnings=(NO_MODEL,),
    )


def _not_understood(active: Schema | None) -> Draft:
    if active is not None:
        label = active.tables[0].label_plural.lower()
        suggestions = (f"Add notes to {label}", "Add a table tasks", f"Make a column of {label} required")
        return _clarify("What should change in your tables? Name a table and what to do with it.", suggestions, "NONE")
    prompts = tuple(blueprint.prompt for blueprint in blueprints() if blueprint.key in _SUGGESTIONS)
    return _clarify("Which things should your application keep track of? Name two or three of them.", prompts, "NONE")


def _clarify(question: str, suggestions: Sequence[str], intent: Intent) -> Draft:
    return Draft(
        outcome="clarify", intent=intent, message=question, suggestions=tuple(suggestions), warnings=(NO_MODEL,)
    )
