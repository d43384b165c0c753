"""The command line. Each verb is one module of this package with a click command named `command`; adding a file adds a verb."""

import gc
import os
import pkgutil
import shutil
import sys
from importlib import import_module
from pathlib import Path

import click
from pydantic import ValidationError

from tradeflow import __version__
from tradeflow.cli._problems import show_problem
from tradeflow.client.problems import HubProblem, HubUnavailable, Unreachable
from tradeflow.errors import ContentError, EmbeddedError, Problem

EXIT_OK = 0  # it worked
EXIT_FAILED = 1  # it ran, and what was asked for did not hold: a difference, a finding, a defect
EXIT_USAGE = 2  # the command line itself is wrong (click's own code)
EXIT_REFUSED = 3  # the hub understood and refused
EXIT_UNAVAILABLE = 4  # a server could not be started or reached


class Verbs(click.Group):
    """Finds its commands by listing this package, and imports one only when it is called: start-up stays short."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(m.name.replace("_", "-") for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command = import_module(f"{__name__}.{cmd_name.replace('-', '_')}").command
        if not isinstance(command, click.Command):
            raise TypeError(f"tradeflow.cli.{cmd_name} has no click command named `command`")
        return command


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="""\b
Examples
  tradeflow demo                              a whole trade in front of you
  tradeflow serve --sandbox                   a hub of your own, with a clock you can set
  tradeflow lodge order.json --key $KEY       lodge a document, see all findings
  tradeflow trade show GLL-2025-0117          states, documents, what may happen next
  tradeflow scenario my-trade.toml            play your own trade against a hub
  tradeflow check                             every defect in documents/ and workflows/, file and line
  tradeflow verify                            is what is stored true?

\b
Exit codes
  0 it worked   1 it ran and found something wrong   2 wrong command line
  3 the hub refused   4 a server could not be started or reached
""",
)
@click.version_option(__version__, prog_name="tradeflow")
def tradeflow() -> None:
    """A neutral trade-document hub: the whole trade, every document, every party in its role."""


def program() -> str:
    """How this program was called, so that a hint can be copied: ".venv/bin/tradeflow", "tradeflow" or "python -m tradeflow"."""
    called = Path(sys.argv[0])
    if called.name != "tradeflow":
        return "python -m tradeflow"
    if shutil.which("tradeflow") == str(called):
        return "tradeflow"
    return os.path.relpath(called) if called.is_absolute() else str(called)


def main() -> None:
    """Run the command line; problems become one readable line and an exit code, never a traceback."""
    try:
        tradeflow(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except Unreachable as error:
        click.echo(f"tradeflow: the hub does not answer: {error}", err=True)
        sys.exit(EXIT_UNAVAILABLE)
    except HubProblem as problem:
        show_problem(problem.body)
        sys.exit(EXIT_UNAVAILABLE if isinstance(problem, HubUnavailable) else EXIT_REFUSED)
    except ValidationError as error:
        for wrong in error.errors():
            name = "_".join(str(part) for part in wrong["loc"]).upper()
            click.echo(f"tradeflow: setting TRADEFLOW_{name}: {wrong['msg']} (given: {wrong.get('input')!r})", err=True)
        sys.exit(EXIT_USAGE)
    except EmbeddedError as error:
        click.echo(f"tradeflow: {error}", err=True)
        sys.exit(EXIT_UNAVAILABLE)
    except ContentError as error:
        click.echo(str(error), err=True)
        sys.exit(EXIT_FAILED)
    except Problem as error:
        click.echo(f"tradeflow: {error}", err=True)
        sys.exit(EXIT_UNAVAILABLE if error.status == 503 else EXIT_REFUSED)
    finally:
        gc.freeze()  # what is left goes with the process: looking through it first took a tenth of a command's time
