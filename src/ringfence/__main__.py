"""``ringfence`` and ``python -m ringfence``."""

from __future__ import annotations

import signal
import sys


def main() -> None:
    """Run the command line and exit with its code."""
    from ringfence.cli import main as cli
    from ringfence.cli import output

    _end_as_with_ctrl_c()
    sys.exit(output.run(cli.command))


def _end_as_with_ctrl_c() -> None:
    """Let SIGTERM, and a terminal that dies, end the program as Ctrl-C does: what it began it takes back.

    A signal that is ignored (``nohup``) stays ignored.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, lambda _number, _frame: signal.raise_signal(signal.SIGINT))


if __name__ == "__main__":
    main()
