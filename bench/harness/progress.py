"""This file owns the line that says how far a run is and how long it still takes."""

import sys
import time

from tqdm import tqdm

from harness.plan import Step


class Progress:
    """A bar on a terminal, else a line for each step. What is told beside it stands above it."""

    def __init__(self, steps: list[Step]):
        self.begun = time.monotonic()
        self.on_terminal = sys.stderr.isatty()
        self.steps, self.guessed, self.done = steps, sum(step.seconds for step in steps), 0.0
        self.bar = tqdm(total=100, disable=not self.on_terminal, leave=False, file=sys.stderr,
                        bar_format="{percentage:3.0f}% |{bar}| {desc}")

    def left(self) -> str:
        """By the guesses, corrected by how wrong they have been so far."""
        pace = (time.monotonic() - self.begun) / self.done if self.done > 20 else 1
        seconds = (self.guessed - self.done) * pace
        return f"{seconds / 60:.0f} min left" if seconds >= 90 else f"{seconds:.0f} s left"

    def begin(self, step: Step) -> None:
        self.bar.set_description_str(f"{step.label}, {self.left()}")
        if not self.on_terminal:
            print(f"{self.done / self.guessed:4.0%} {step.label}, {self.left()}", file=sys.stderr, flush=True)

    def end(self, step: Step) -> None:
        self.done += step.seconds
        self.bar.update(100 * step.seconds / self.guessed)

    def tell(self, text: str) -> None:
        self.bar.write(text, file=sys.stderr) if self.on_terminal else print(text, file=sys.stderr, flush=True)

    def close(self) -> None:
        self.bar.close()
