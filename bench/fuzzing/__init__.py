"""Requests that are nearly right, by the hundred thousand, and what must hold after each of them.

    corpus.py     bodies to begin with: the golden cases when they are there, and one object of every kind
    mutations.py  how a JSON value, a text and a path are damaged
    grammar.py    one request out of a corpus, damaged or not
    world.py      the API server under fire, its invariants, restarts and time

`python -m bench.fuzz_requests` runs them; a small slice is in the tests.
"""
