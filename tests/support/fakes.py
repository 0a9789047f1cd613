"""Stand-ins for the world, shared by every test: a clock, a scripted transport, a dictionary keyring."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ccflow_tui.models.problems import SecretStoreProblem
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.ports import StoreKind, StoreStatus, WireRequest, WireResponse

EPOCH = 1_800_000_000.0


class FakeClock:
    """A clock that moves only when told; ``sleep`` moves it and returns at once."""

    def __init__(self, wall: float = EPOCH, monotonic: float = 1_000.0) -> None:
        self._wall, self._monotonic = wall, monotonic
        self.slept: list[float] = []

    def wall(self) -> float:
        return self._wall

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        self._wall += seconds
        self._monotonic += seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)


Answer = WireResponse | Exception | Callable[[WireRequest], WireResponse]


class ScriptedTransport:
    """Answers in order and keeps what was asked; the last answer repeats."""

    def __init__(self, *answers: Answer) -> None:
        self._answers: list[Answer] = list(answers)
        self.requests: list[WireRequest] = []
        self.warmed = self.closed = False

    async def exchange(self, request: WireRequest, *, deadline: float) -> WireResponse:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else answer

    async def warm(self) -> None:
        self.warmed = True

    async def close(self) -> None:
        self.closed = True


def json_response(body: str, status: int = 200, headers: Sequence[tuple[str, str]] = ()) -> WireResponse:
    return WireResponse(
        status, (("content-type", "application/json"), *headers), body.encode(), received_at=EPOCH
    )


class DictStore:
    """A secret store in a dictionary, which can be told to fail."""

    def __init__(self, problem: SecretStoreProblem | None = None) -> None:
        self.secrets: dict[str, Secret] = {}
        self.problem = problem

    async def get(self, name: str) -> Secret | None:
        self._maybe_fail()
        return self.secrets.get(name)

    async def put(self, name: str, secret: Secret) -> None:
        self._maybe_fail()
        self.secrets[name] = secret

    async def delete(self, name: str) -> bool:
        self._maybe_fail()
        return self.secrets.pop(name, None) is not None

    async def places(self, name: str) -> tuple[StoreKind, ...]:
        self._maybe_fail()
        return (StoreKind.KEYRING,) if name in self.secrets else ()

    async def status(self) -> StoreStatus:
        return StoreStatus(StoreKind.MEMORY, "test")

    def _maybe_fail(self) -> None:
        if self.problem:
            raise self.problem


class KeyringDict(DictStore):
    """The same as a keyring, whose entries outlive the run; while it fails it is away."""

    async def status(self) -> StoreStatus:
        return StoreStatus(StoreKind.MEMORY if self.problem else StoreKind.KEYRING, "test")
