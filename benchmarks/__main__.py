"""Measures the engine beside its floor and prints ratios; see README.md beside this file."""

from __future__ import annotations

import asyncio
import gc
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from benchmarks.floor import Raw, signing_keys
from ccflow_tui import AccessToken, ClientSecret, PrivateKey, Secret, TokenClient

ROUNDS, WARM_UP, HITS, AT_ONCE = 1500, 50, 20_000, 50
Plain = dict[str, tuple[AccessToken, float]]
Action = Callable[[], Awaitable[object]]


@contextmanager
def endpoint() -> Iterator[str]:
    """Run the token endpoint and yield its base URL."""
    command = [sys.executable, "-m", "benchmarks.endpoint"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.kill()


async def in_turns(ours: Action, floor: Action, rounds: int = ROUNDS) -> tuple[float, float]:
    """Return the median microseconds of both, measured in turns."""
    times: tuple[list[float], list[float]] = ([], [])
    for action in (ours, floor):
        for _ in range(WARM_UP):
            await action()
    for _ in range(rounds):
        for action, kept in zip((ours, floor), times, strict=True):
            begun = time.perf_counter()
            await action()
            kept.append((time.perf_counter() - begun) * 1e6)
    return statistics.median(times[0]), statistics.median(times[1])


def tell(name: str, ours: float, floor: float, unit: str, target: float) -> None:
    """Print one comparison."""
    sys.stdout.write(
        f"{name:44} {ours:9.1f} {unit}  floor {floor:9.1f}  ratio {ours / floor:5.2f}  target {target}\n"
    )


async def fresh_tokens(base: str) -> None:
    """Compare a fresh token with a bare POST, without and with an assertion.

    A scope is asked for that the answer does not repeat, which it takes a note to tell of.
    """
    url, raw = f"{base}/0/3600", Raw(f"{base}/0/3600")
    async with TokenClient(
        token_endpoint=url, client_id="bench", credential=ClientSecret("bench-secret"), scope="read write"
    ) as tokens:
        ours, floor = await in_turns(tokens.fetch_token, raw.basic)
        tell("fresh token, kept alive", ours, floor, "us", 1.15)
    for alg, pem in signing_keys().items():
        raw.use_key(alg, pem)
        async with TokenClient(
            token_endpoint=url, client_id="bench", credential=PrivateKey(pem, alg), scope="read write"
        ) as tokens:
            ours, floor = await in_turns(tokens.fetch_token, raw.signed)
            tell(f"fresh token, {alg} assertion", ours, floor, "us", 1.1)
    await raw.close()


async def many_at_once(base: str) -> None:
    """Compare fresh tokens for many targets at once with as many bare POSTs."""
    url, raw = f"{base}/0/3600", Raw(f"{base}/0/3600")

    async def floor() -> None:
        await asyncio.gather(*(raw.basic() for _ in range(AT_ONCE)))

    async with TokenClient(
        token_endpoint=url, client_id="bench", credential=ClientSecret("bench-secret")
    ) as tokens:

        async def ours() -> None:
            await asyncio.gather(*(tokens.fetch_token(f"s{number}") for number in range(AT_ONCE)))

        took, least = await in_turns(ours, floor, ROUNDS // AT_ONCE)
        tell(f"{AT_ONCE} fresh tokens at once", took / 1000, least / 1000, "ms", 1.0)
    await raw.close()


async def cache_hits() -> None:
    """Compare a cache hit with a dictionary look-up in an async function."""
    for count in (1, 1_000, 100_000):
        tokens = TokenClient(
            token_endpoint="https://as.example/token", client_id="b", credential=ClientSecret("bench-secret")
        )
        scopes = [f"s{number}" for number in range(count)]
        token = AccessToken(Secret("token"), "Bearer", time.time(), time.monotonic(), 3600)
        plain = {scope: (token, time.monotonic() + 3600) for scope in scopes}
        for scope in scopes:
            tokens.adopt_token(token, scope)

        async def look_up(
            key: str, plain: dict[str, tuple[AccessToken, float]] = plain
        ) -> AccessToken | None:
            entry = plain.get(key)
            return entry[0] if entry is not None and time.monotonic() < entry[1] else None

        keys = [random.choice(scopes) for _ in range(HITS)]  # noqa: S311 - nothing secret
        best = {"ours": float("inf"), "floor": float("inf")}
        gc.collect()
        gc.disable()
        for _ in range(7):
            for name, call in (("ours", tokens.get_token), ("floor", look_up)):
                begun = time.perf_counter_ns()
                for key in keys:
                    await call(key)  # type: ignore[operator]
                best[name] = min(best[name], (time.perf_counter_ns() - begun) / HITS)
        gc.enable()
        tell(f"cache hit, {count:,} keys", best["ours"], best["floor"], "ns", 1.3)


class Stall:
    """Finds the longest time for which the event loop did not come round."""

    def __init__(self) -> None:
        self.worst = 0.0

    async def watch(self) -> None:
        """Wake every millisecond and note how late that was."""
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(0.001)
            self.worst = max(self.worst, time.perf_counter() - begun - 0.001)


async def stampede(base: str) -> None:
    """Let 1,000 callers ask an empty cache at once."""
    async with TokenClient(
        token_endpoint=f"{base}/50/3600", client_id="bench", credential=ClientSecret("bench-secret")
    ) as tokens:
        await tokens.warm()
        begun = time.perf_counter()
        found = await asyncio.gather(*(tokens.get_token() for _ in range(1_000)))
        took = (time.perf_counter() - begun) * 1000
    tell("1,000 callers, empty cache", took, 50.0, "ms", 1.4)
    sys.stdout.write(f"{'':44} requests {len({token.value for token in found})}\n")


async def rollovers(base: str) -> None:
    """Ask 200 times a second over several rollovers of a short-lived token from a slow endpoint."""
    stall, waits = Stall(), list[float]()
    async with TokenClient(
        token_endpoint=f"{base}/500/3", client_id="bench", credential=ClientSecret("bench-secret")
    ) as tokens:
        await tokens.get_token()
        watching, start = asyncio.create_task(stall.watch()), time.perf_counter()

        async def call(due: float) -> None:
            await tokens.get_token()
            waits.append(time.perf_counter() - due)

        calls = []
        for number in range(2_000):
            due = start + number / 200
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            calls.append(asyncio.create_task(call(due)))
        await asyncio.gather(*calls)
        watching.cancel()
    worst = max(waits) * 1000
    sys.stdout.write(f"{'longest wait over rollovers':44} {worst:9.1f} ms  target 10\n")
    sys.stdout.write(f"{'longest stall of the event loop':44} {stall.worst * 1000:9.1f} ms  target 5\n")


async def main() -> None:
    """Run everything."""
    with endpoint() as base:
        await fresh_tokens(base)
        await many_at_once(base)
        await cache_hits()
        await stampede(base)
        await rollovers(base)


if __name__ == "__main__":
    asyncio.run(main())
