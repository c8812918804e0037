"""The offline engine: a prompt in, a draft out, always the same one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from schemas.blueprints import Blueprint, blueprints
from schemas.document import Schema
from schemas.generation.draft import Draft, Intent, Progress, Request, Round
from schemas.generation.edits import OperationError
from schemas.generation.offline.attributes import completed
from schemas.generation.offline.description import Description, asks_for_application, describe
from schemas.generation.offline.designing import Design, design, whole_blueprint
from schemas.generation.offline.finding import Unclear
from schemas.generation.offline.grammar import pattern
from schemas.generation.offline.lexicon import words
from schemas.generation.offline.matching import best_blueprint, is_known, speaks_of
from schemas.generation.offline.reading import Reading, read
from schemas.generation.offline.revising import Revision, revise
from schemas.generation.offline.spelling import Spelled, corrected, is_foreign

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
    prompt_version: str = ""

    def draft(self, request: Request, rounds: tuple[Round, ...], progress: Progress) -> Draft:
        """Reads the prompt as a description of an application or, where there is one, as commands that change it."""
        if question := _strange(request):
            return question
        spelled = corrected(request.prompt, request.active)
        draft = self._answer(replace(request, prompt=spelled.text))
        return replace(draft, warnings=(*draft.warnings, *_read_as(spelled)))

    def _answer(self, request: Request) -> Draft:
        reading = read(request.prompt)
        wants_new = any(asks_for_application(sentence.text) for sentence in reading.sentences)
        if request.active is None or wants_new:
            return _create(request, reading)
        try:
            revision = revise(request.active, reading)
        except Unclear as unclear:
            return _clarify(unclear.question, unclear.suggestions or _changes(request.active), "MODIFY")
        except OperationError as error:
            message = f"That cannot be done. {error}"
            return Draft(outcome="reject", intent="MODIFY", message=message, warnings=(NO_MODEL,))
        return _revised(revision) if revision.steps else _not_understood(request.active)


def _strange(request: Request) -> Draft | None:
    """The question to ask back where the prompt is no request in English: another language, SQL, small talk."""
    text = request.prompt.strip()
    if is_foreign(text):
        message = "I read English only without an AI model. Which things should your application keep track of?"
        return replace(_not_understood(request.active), message=message)
    if pattern("sql").match(text) or pattern("code").search(text):
        message = "I read plain English, no SQL and no code. What should your tables hold, or what should change?"
        return replace(_not_understood(request.active), message=message)
    return _not_understood(request.active) if pattern("small_talk").match(text) else None


def _read_as(spelled: Spelled) -> tuple[str, ...]:
    """What was taken for a typing mistake."""
    read = [f'"{before}" as "{after}"' for before, after in spelled.changes]
    return (f"Read as typing mistakes: {', '.join(read)}.",) if read else ()


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
    if not made.schema.tables or not _is_about_something(request.prompt, description, made):
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


def _is_about_something(prompt: str, description: Description, made: Design) -> bool:
    """Whether the words say more than any words would: a table that is known, described, or asked for.

    Prose names things and says something about them too, so there only a known table counts, or a typed column.
    """
    if made.sources or description.asks_for_application:
        return True
    columns = [column for mention in description.mentions for column in mention.columns]
    if set(re.findall(r"[a-z]+", prompt.lower())) & set(words("prose")):
        return any(column.type not in ("text", "boolean") for mention in columns for column in [completed(mention)])
    return bool(columns or any(link.is_certain for mention in description.mentions for link in mention.links))


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
        warnings=(NO_MODEL, *(f'Not understood, so nothing was done about it: "{text}".' for text in revision.ignored)),
    )


def _not_understood(active: Schema | None) -> Draft:
    if active is not None:
        question = "What should change in your tables? Name a table and what to do with it."
        return _clarify(question, _changes(active), "NONE")
    prompts = tuple(blueprint.prompt for blueprint in blueprints() if blueprint.key in _SUGGESTIONS)
    return _clarify("Which things should your application keep track of? Name two or three of them.", prompts, "NONE")


def _changes(active: Schema) -> tuple[str, ...]:
    """Changes that can be asked for, as examples."""
    first, last = active.tables[0], active.tables[-1]
    column = next((column.title for column in first.columns if not column.is_relation), "name").lower()
    label = first.label_plural.lower()
    return (f"Add tags to {last.label_plural.lower()}", "Add a table reminders", f"Rename {column} of {label} to code")


def _clarify(question: str, suggestions: Sequence[str], intent: Intent) -> Draft:
    return Draft(
        outcome="clarify", intent=intent, message=question, suggestions=tuple(suggestions), warnings=(NO_MODEL,)
    )
