"""Groups of verbs: how they list what is in them.

Each line of help stands there whole, in the order of use; click would cut it, and sort by the alphabet. Without a verb
the help itself is shown (``output`` prints it, to stderr, with exit 1).
"""

from __future__ import annotations

import click


class Group(click.Group):
    """A group whose help tells the first sentence of each of its verbs, wrapped and not cut."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """In the order in which they were added, which is the order of use."""
        return list(self.commands)

    def line_of(self, ctx: click.Context, name: str) -> str:
        """What the list says of a verb: the first sentence of its help."""
        found = self.get_command(ctx, name)
        paragraph = ((found and found.help) or "").split("\n\n", 1)[0]
        sentence = " ".join(paragraph.split()).split(". ", 1)[0]
        return f"{sentence.rstrip('.')}."

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list, in the order of the group."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.line_of(ctx, name)) for name in self.list_commands(ctx)])
