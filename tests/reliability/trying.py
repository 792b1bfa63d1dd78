"""One try: a command fails at one step in a process of its own, is given again, and is compared."""

from __future__ import annotations

import contextlib
import importlib
import os
import random
import re
import signal
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.reliability.commands import Command, Snapshot, fresh, main_of, prepare
from tests.reliability.steps import KILLED, Injector, Step

LIMIT = 300  # seconds that one process may take
_ESCAPED = 70  # exit status of a command that ends with a traceback


@dataclass(frozen=True)
class Try:
    """A command, the number of the step that failed, and how it failed."""

    name: str
    number: int
    step: Step
    fault: str


@dataclass(frozen=True)
class Outcome:
    """What came of a try; `lost` is empty where the command survived."""

    tried: Try
    lost: str = ""


class Bench:
    """A command with its inputs and working folder, ready to be tried.

    Parameters
    ----------
    name, command
        An entry of `tests.reliability.commands.COMMANDS`.
    inputs
        From `write_inputs`.
    root
        An empty folder for everything else.

    Attributes
    ----------
    expected
        The working folder after the command has run without a fault.
    steps
        What it did.
    """

    def __init__(self, name: str, command: Command, inputs: Path, root: Path) -> None:
        self.name, self.command, self.inputs = name, command, inputs
        self.template, self.work, self.output = root / "template", root / "work", root / "output"
        # In a process of its own: threads of a library do not survive a fork.
        self._child(lambda: prepare(command, inputs, self.template))
        fresh(self.template, self.work)
        injector = Injector(self._watched())
        listed, imported = root / "steps", root / "modules"
        status = self._child(
            lambda: self._run(injector), after=lambda: _write(listed, imported, injector)
        )
        if status:
            raise RuntimeError(f"{name} ends with {status}: {self.output.read_text()}")
        self.steps = [Step(*line.split("\t")) for line in listed.read_text().splitlines()]
        self.expected = self.snapshot()
        _import(imported.read_text().split())

    def tries(self) -> list[Try]:
        """Return every step with every fault that can befall it.

        Of reads or writes of one file in a row, the first and the last stand for all.
        """
        last = len(self.steps) - 1
        return [
            Try(self.name, number, step, fault)
            for number, step in enumerate(self.steps)
            for fault in step.faults
            if step.kind not in ("read", "write")
            or self.steps[max(number - 1, 0)] != step
            or self.steps[min(number + 1, last)] != step
        ]

    def outcome(self, tried: Try) -> Outcome:
        """Let a step fail, give the command again, and compare."""
        fresh(self.template, self.work)
        injector = Injector(self._watched(), tried.number, tried.fault)
        status = self._child(lambda: self._run(injector))
        told = self.output.read_text()
        if tried.fault == "kill" and status != KILLED:
            return Outcome(tried, f"was not killed, but ended with {status}")
        if tried.fault != "kill" and (status not in (0, 2) or "Traceback" in told):
            return Outcome(tried, f"ended with {status}: {told[-3000:]}")
        errors = [line for line in told.splitlines() if re.match(r"([\w. -]+: )?error: ", line)]
        if status == 2 and (len(errors) != 1 or not told.endswith(f"{errors[0]}\n")):
            return Outcome(tried, f"did not say one error: {told[-600:]}")
        if status == 0 and (difference := self._difference()):
            return Outcome(tried, f"ended with 0 and {difference}")
        again = self._child(lambda: self._run(Injector(self._watched())))
        if again:
            return Outcome(tried, f"ended with {again} the second time: {self._said()}")
        difference = self._difference()
        return Outcome(tried, f"{difference} after the second time" if difference else "")

    def snapshot(self) -> Snapshot:
        """Return the content of the working folder."""
        return self.command.snapshot(self.work)

    def _watched(self) -> tuple[str, ...]:
        return (str(self.work), str(self.inputs))

    def _said(self) -> str:
        return self.output.read_text()[-600:]

    def _difference(self) -> str:
        found = self.snapshot()
        names = [
            name
            for name in {**self.expected, **found}
            if self.expected.get(name) != found.get(name)
        ]
        return f"{len(names)} files differ: {', '.join(sorted(names)[:4])}" if names else ""

    def _run(self, injector: Injector) -> int:
        from distinctions646.process.whole_files import remove_partials

        remove_partials.cache_clear()
        time.process_time = lambda: 0.0  # times are in the results
        random.seed(0)  # its state is in the checkpoints, and differs after every fork
        arguments = self.command.arguments(self.inputs, self.work)
        main = main_of(self.command.module)
        injector.install()
        return main(arguments)

    def _child(self, function, after=None) -> int:  # type: ignore[no-untyped-def]
        """Call a function in a forked process; return its exit status."""
        child = os.fork()
        if child == 0:
            _be_child(self.output, function, after)
        end = time.monotonic() + LIMIT
        while True:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
            if time.monotonic() > end:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                return -signal.SIGALRM
            time.sleep(0.002)


def _be_child(output: Path, function, after) -> None:  # type: ignore[no-untyped-def]
    status = _ESCAPED
    try:
        file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(file, 1)
        os.dup2(file, 2)
        sys.stdout = os.fdopen(1, "w", closefd=False)
        sys.stderr = os.fdopen(2, "w", closefd=False)
        status = function() or 0
        if after is not None:
            after()
    except BaseException:  # what escapes is what is looked for
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _write(steps: Path, modules: Path, injector: Injector) -> None:
    injector.active = False
    steps.write_text("".join(f"{step.kind}\t{step.path}\n" for step in injector.steps))
    modules.write_text("\n".join(sys.modules))


def _import(modules: list[str]) -> None:
    """Import what a command has imported, so that the processes of its tries find it there."""
    for module in modules:
        # Some are put into `sys.modules` by a library, and cannot be found.
        with contextlib.suppress(Exception):
            importlib.import_module(module)


def sample(tries: list[Try], count: int | None, seed: int = 0) -> list[Try]:
    """Return all tries, or so many of them, in a drawn order."""
    most = len(tries) if count is None else min(count, len(tries))
    return random.Random(seed).sample(tries, most)


def warm() -> None:
    """Compile what the commands need, so that no forked process has to."""
    from benchmark.methods.description import describe_method
    from benchmark.metrics import evaluate
    from benchmark.page.site import _templates

    for template in _templates().list_templates():
        _templates().get_template(template)
    alpha_u8 = np.tile(np.arange(0, 250, 10, dtype=np.uint8), (25, 1))
    trimap = np.where(alpha_u8 > 200, 255, np.where(alpha_u8 < 50, 0, 128)).astype(np.uint8)
    for region in ("whole", "unknown"):
        evaluate(alpha_u8, alpha_u8.T.copy(), trimap, region=region)
    for method in ("distance", "constant"):
        describe_method(method, None, None)
