"""The one way from words to a schema, whatever the engine: draft, check, correct, and say what changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from schemas.diff import diff
from schemas.document import Json, Schema
from schemas.generation.draft import Draft, Engine, Generation, Progress, Request, Round, Usage
from schemas.generation.edits import OperationError
from schemas.generation.engines import choose_engine
from schemas.generation.errors import GenerationError
from schemas.generation.operations import apply_all, operations_from_json
from schemas.problems import Problem, Validation
from schemas.validation import validate

READING: Final = "Reading your request"
DRAFTING: Final = "Drafting tables"
CHECKING: Final = "Checking"
DONE: Final = "Done"


def generate(
    prompt: str, *, active: Schema | None = None, engine: Engine | None = None, progress: Progress | None = None
) -> Generation:
    """Drafts a schema, or a change of the active one, and checks it.

    Args:
        prompt: the user's words.
        active: the schema that they are looking at, if any.
        engine: what drafts; by default Claude where a key is set, else the offline engine.
        progress: is told which step begins.

    Raises:
        GenerationError: when the model gave no answer; it holds what was spent.
    """
    engine = engine or choose_engine()
    tell = progress or _ignore
    request = Request(prompt, active)
    tell(5, READING)
    rounds: tuple[Round, ...] = ()
    while True:
        tell(min(20 + 20 * len(rounds), 70), DRAFTING)
        draft = _draft(engine, request, rounds, tell)
        tell(85, CHECKING)
        checked = _check(draft, active)
        if not checked.problems or len(rounds) == engine.repairs:
            break
        rounds += (Round(draft, checked.problems),)
    generation = _result(draft, checked, request, engine)
    tell(100, DONE)
    return replace(generation, usage=_spent(rounds) + draft.usage, rounds=rounds)


def settle(answered: Mapping[str, Json], base: Schema | None) -> Validation:
    """What becomes of an engine's answer: the same every time, so that stored answers can be replayed.

    Args:
        answered: `document`, or `operations` on the base; see `Draft.answered`.
        base: the schema that the engine looked at, if any.

    Raises:
        OperationError: when an operation cannot be carried out.
    """
    if "operations" not in answered:
        return _with_access_of(base, validate(answered.get("document"), parent=base))
    if base is None:
        raise OperationError("There is no schema yet that could be changed.")
    return validate(apply_all(base, operations_from_json(answered["operations"])).to_json(), parent=base)


def _with_access_of(base: Schema | None, validation: Validation) -> Validation:
    """Who sees the records of a table that stays is for people to say, not for a draft that starts anew."""
    if base is None or validation.schema is None:
        return validation
    access = {table.id: table.access for table in base}
    kept = (replace(table, access=access.get(table.id, table.access)) for table in validation.schema)
    return replace(validation, schema=replace(validation.schema, tables=tuple(kept)))


@dataclass(frozen=True, slots=True)
class _Checked:
    """What became of a draft: a schema, or the problems that kept it from being one."""

    schema: Schema | None = None
    problems: tuple[Problem, ...] = ()
    advice: tuple[str, ...] = ()


def _draft(engine: Engine, request: Request, rounds: tuple[Round, ...], progress: Progress) -> Draft:
    try:
        return engine.draft(request, rounds, progress)
    except GenerationError as error:
        error.usage, error.rounds = _spent(rounds) + error.usage, rounds
        raise


def _check(draft: Draft, active: Schema | None) -> _Checked:
    """The draft as a valid schema, if it is one."""
    if draft.faults:
        return _Checked(problems=draft.faults)
    if draft.outcome != "schema":
        return _Checked()
    try:
        validation = settle(draft.answered, active)
    except OperationError as error:
        fix = "Use only the operations that are listed, on tables and columns that exist."
        return _Checked(problems=(Problem("error", "invalid_operation", "$.operations", str(error), fix),))
    if validation.schema is None:
        return _Checked(problems=tuple(validation.errors))
    advice = tuple(problem.detail for problem in validation.problems if problem.severity == "warning")
    return _Checked(schema=validation.schema, advice=advice)


def _result(draft: Draft, checked: _Checked, request: Request, engine: Engine) -> Generation:
    generation = Generation(
        outcome=draft.outcome,
        intent=draft.intent,
        message=draft.message,
        reasoning=draft.reasoning,
        schema=checked.schema,
        changes=(),
        warnings=draft.warnings,
        suggestions=draft.suggestions,
        engine=engine.key,
        model=engine.model,
        usage=draft.usage,
        draft=draft,
    )
    if checked.problems:
        return _unusable(generation, checked.problems)
    if checked.schema is None:
        return generation
    changes = tuple(change.describe() for change in diff(request.active, checked.schema))
    if not changes:
        message = "Your tables are like that already: there is nothing to change."
        return replace(generation, outcome="clarify", schema=None, message=message)
    warnings = (
        *draft.warnings,
        *_new_advice(checked.advice, request.active),
        *_replaced(draft, request, checked.schema),
    )
    message = draft.message or " ".join(changes)
    return replace(generation, message=message, changes=changes, warnings=warnings)


def _unusable(generation: Generation, problems: Sequence[Problem]) -> Generation:
    """A refusal that says what was wrong: the request cannot be carried out as it was understood."""
    first = problems[0]
    message = f"The draft could not be used: {first.detail} Say it in other words, or with fewer things at once."
    warnings = (*generation.warnings, *(f"{problem.path}: {problem.detail}" for problem in problems))
    return replace(generation, outcome="reject", message=message, warnings=warnings, schema=None)


def _new_advice(advice: tuple[str, ...], active: Schema | None) -> tuple[str, ...]:
    """What could be better in the draft, without what could be better before it already."""
    if active is None:
        return advice
    known = {problem.detail for problem in validate(active.to_json()).problems}
    return tuple(sentence for sentence in advice if sentence not in known)


def _replaced(draft: Draft, request: Request, schema: Schema) -> tuple[str, ...]:
    if draft.intent != "CREATE" or request.active is None:
        return ()
    gone = [table.label_plural for table in request.active if not schema.has_table(table.name)]
    return (f"This replaces your tables {', '.join(gone)}. Their records are archived.",) if gone else ()


def _spent(rounds: Sequence[Round]) -> Usage:
    return sum((item.draft.usage for item in rounds), Usage())


def _ignore(percent: int, label: str, detail: Mapping[str, Json] | None = None) -> None:
    """Tells nobody."""
