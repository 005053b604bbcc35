"""The error tree: what a person did wrong is told gently and without a traceback; the rest is ours."""


class MingchaError(Exception):
    """Shown to the user as it is: what happened, where, and what to do. `exit_code` follows DECISIONS 29.

    `zh` and `en` are complete sentences; `str()` follows the locale (terms.language).
    """

    exit_code = 4

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.zh = zh
        self.en = en

    def __str__(self) -> str:
        from mingcha.terms.language import pick

        return pick(self.zh, self.en)


class UsageError(MingchaError):
    """The command or an option of it was wrong."""

    exit_code = 2


class InputError(MingchaError):
    """A file, a pack or a row that came in was wrong; names the place."""

    exit_code = 3


class PlatformError(MingchaError):
    """The home, the database, the disk or a lock stood in the way."""

    exit_code = 4
