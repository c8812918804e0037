"""What can go wrong between us and the model."""

from __future__ import annotations

from core.errors import Unavailable
from schemas.generation.draft import Round, Usage


class GenerationError(Unavailable):
    """The model gave no answer that can be used.

    Args:
        code: a stable name, such as `model_overloaded`.
        detail: what happened and what to do about it.
        retry_after: seconds after which trying again makes sense; None when only the operator can help.
        usage: what was spent before it failed.
        request_id: what the service calls the request that failed, where it said.
    """

    def __init__(
        self, code: str, detail: str, retry_after: int | None = None, usage: Usage | None = None, request_id: str = ""
    ) -> None:
        super().__init__(detail, code=code, retry_after=retry_after)
        self.usage = usage or Usage()
        self.request_id = request_id
        self.rounds: tuple[Round, ...] = ()
