"""``ringfence`` and ``python -m ringfence``."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType


def main() -> None:
    """Run the command line and exit with its code."""
    if sys.argv[1:] in (["--help"], ["-h"]):
        _show_kept_help()
        return
    from ringfence.cli import main as cli
    from ringfence.cli import output

    end_as_with_ctrl_c()
    sys.exit(output.run(cli.command))


def _show_kept_help() -> None:
    """The first thing that people type: importing click alone takes four times as long as Python itself.

    So its answer is kept in a file; ``tests/unit/cli/test_help.py`` holds the two together.
    """
    with open(f"{__file__.rpartition('/')[0]}/cli/help.txt", encoding="utf-8") as kept:  # noqa: PTH123  # costs less
        text = kept.read()
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:  # a reader that goes away early (``| head``) gets no word
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def end_as_with_ctrl_c() -> None:
    """Let SIGTERM, and a terminal that dies, end the program as Ctrl-C does: what it began it takes back.

    A signal that is ignored (``nohup``) stays ignored. A script's background job ignores Ctrl-C, and ends all the same:
    by the way of Ctrl-C, with which asyncio cancels what is under way. An exception out of the blue would break it off
    in the middle of anything.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # asyncio knows Ctrl-C by Python's own handler only. Blocked, the signal itself is as good as ignored.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def end(_number: int, frame: FrameType | None) -> None:
        ctrl_c = signal.getsignal(signal.SIGINT)
        assert callable(ctrl_c)
        ctrl_c(signal.SIGINT, frame)

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, end)


if __name__ == "__main__":
    main()
