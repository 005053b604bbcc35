"""命令: the `mingcha` command line; one sub-command, one function, each in the file of its name."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys

import click

from mingcha.home.trouble import told
from mingcha.terms.errors import MingchaError
from mingcha.terms.language import pick


class Commands(click.Group):
    """Finds the sub-commands by file name, and imports one only when it is asked for: start-up stays short."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        names = (module.name for module in pkgutil.iter_modules(__path__) if module.name[0] != "_")
        return sorted(name.rstrip("_").replace("_", "-") for name in names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        file = cmd_name.replace("-", "_")
        for name in (file, f"{file}_"):  # `import` is a keyword, its file is import_.py
            if cmd_name in self.list_commands(ctx) and importlib.util.find_spec(f"{__name__}.{name}"):
                return importlib.import_module(f"{__name__}.{name}").command
        return None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="mingcha")
def mingcha() -> None:
    """明察：医保基金监管。Supervision of medical insurance funds."""


def main() -> None:
    """Run a command; a user's mistake ends in a sentence and an exit code, never in a traceback.

    Exit codes: 0 done, 1 findings or checks failed, 2 usage, 3 bad input, 4 platform (DECISIONS 29).
    """
    try:
        code = mingcha(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = 2
    except click.exceptions.Abort:
        click.echo(pick("已中止，未完成的一步没有留下半截数据。", "Stopped; no step was left half done."), err=True)
        code = 4
    except MingchaError as error:
        click.echo(str(error), err=True)
        code = error.exit_code
    except Exception as error:
        if (trouble := told(error)) is None:
            raise
        click.echo(str(trouble), err=True)
        code = trouble.exit_code
    sys.exit(code if isinstance(code, int) else 0)
