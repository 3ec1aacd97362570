"""What the bench commands share: servers, load, interleaved rounds, tables."""
