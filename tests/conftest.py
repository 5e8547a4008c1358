"""How hard hypothesis tries: as usual, or with ``--hypothesis-profile=long`` for ``make test-long``."""

from __future__ import annotations

from hypothesis import settings

# No folder of examples, for unit tests do no I/O, and no timed tests.
settings.register_profile("usual", database=None, deadline=None)
settings.register_profile("long", database=None, deadline=None, max_examples=2_000)
settings.load_profile("usual")
