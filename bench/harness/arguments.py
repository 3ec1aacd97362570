"""This file owns the arguments of bench commands: numbers within bounds, lists of them, one line for a wrong one."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage above it."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; --help lists what there is\n")


def whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """For `type=`: a whole number within these bounds."""
    return _bounded(int, "a whole number", least, most)


def number(least: float, most: float | None = None) -> Callable[[str], float]:
    """For `type=`: a number within these bounds; of seconds or a share, say."""
    return _bounded(float, "a number", least, most)


def _bounded(convert: type, wanted: str, least: float, most: float | None) -> Callable:
    bounds = f"{wanted} of at least {least:,}" if most is None else f"{wanted} from {least:,} to {most:,}"

    def parse(text: str) -> int | float:
        try:
            value = convert(text)
        except ValueError:
            value = None
        # Written so that "nan" is refused, and "inf" where nothing bounds it.
        if value is None or not least <= value <= (most if most is not None else 2**63):
            raise argparse.ArgumentTypeError(f"{text!r} is not {bounds}")
        return value

    return parse


def listed(parse: Callable[[str], int | float | str], empty: bool = False) -> Callable[[str], list]:
    """For `type=`: several of these with commas between; none only where `empty`."""

    def parse_all(text: str) -> list:
        if empty and not text:
            return []
        return [parse(part.strip()) for part in text.split(",")]

    return parse_all


def one_of(names: tuple[str, ...]) -> Callable[[str], str]:
    """For `listed`: one of these names."""

    def parse(text: str) -> str:
        if text not in names:
            raise argparse.ArgumentTypeError(f"{text!r} is not one of {', '.join(names)}")
        return text

    return parse


def new_file(text: str) -> Path:
    """For `type=`: where a file can be written, known before an hour of measuring rather than after."""
    path = Path(text)
    if path.is_dir() or not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is no file in a folder that exists")
    return path
