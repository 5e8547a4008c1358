"""Write ``src/ringfence/cli/help.txt``: what ``ringfence --help`` shows, kept so that it need not import click."""

from __future__ import annotations

from pathlib import Path

import click

from ringfence.cli import main


def help_text() -> str:
    """The help of the whole command as click writes it for 80 columns."""
    with click.Context(
        main.command, info_name="ringfence", terminal_width=80, **main.command.context_settings
    ) as context:
        return f"{main.command.get_help(context)}\n"


if __name__ == "__main__":
    Path(main.__file__).with_name("help.txt").write_text(help_text(), encoding="utf-8")
