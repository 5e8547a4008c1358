"""``ringfence`` and ``python -m ringfence``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    from ringfence.cli import main as cli
    from ringfence.cli import output

    sys.exit(output.run(cli.command))


if __name__ == "__main__":
    main()
