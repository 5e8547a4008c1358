"""``python -m ringfence.guard``: becomes a process of nobody, reads its job from stdin, and stands guard.

It outlives terminal, session and ringfence: the signals that come with their end are ignored. SIGTERM is not one of
those. It says that this process is about to be killed, and the last thing it can do then is what it is here for.
"""

from __future__ import annotations

import os
import signal
import sys

_OF_THE_TERMINAL = (
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGTSTP,
    signal.SIGTTIN,
    signal.SIGTTOU,
    signal.SIGPIPE,
)


def main() -> None:
    """Leave the parent, ignore the terminal, and run the guard."""
    for number in _OF_THE_TERMINAL:
        signal.signal(number, signal.SIG_IGN)
    if sys.stdin.isatty():
        sys.exit("this is started by ringfence apply, not by hand")
    if os.fork():  # before anything heavy is loaded: one thread, so a fork is safe
        os._exit(0)
    os.umask(0o077)
    from ringfence.guard.process import run

    run()


if __name__ == "__main__":
    main()
