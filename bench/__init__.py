"""Speed and memory, measured and printed, and a fuzz of the API server; the tests run a small slice of the latter."""
