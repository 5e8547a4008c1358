"""``ringfence`` and ``python -m ringfence``."""

from __future__ import annotations

import os
import signal
import sys


def main() -> None:
    """Run the command line and exit with its code."""
    if sys.argv[1:] in (["--help"], ["-h"]):
        _show_kept_help()
        return
    from ringfence.cli import main as cli
    from ringfence.cli import output

    _end_as_with_ctrl_c()
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


def _end_as_with_ctrl_c() -> None:
    """Let SIGTERM, and a terminal that dies, end the program as Ctrl-C does: what it began it takes back.

    A signal that is ignored (``nohup``) stays ignored. A script's background job ignores Ctrl-C, and ends all the same.
    """

    def end(_number: int, _frame: object) -> None:
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            raise KeyboardInterrupt
        signal.raise_signal(signal.SIGINT)

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, end)


if __name__ == "__main__":
    main()
