"""The one error that ends a bench command with a sentence for a person."""


class BenchError(Exception):
    """A run that can't go on, or whose figures would be wrong."""
