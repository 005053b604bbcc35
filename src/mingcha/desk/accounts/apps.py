"""The accounts app: a login begins a numbered session."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class AccountsConfig(AppConfig):
    """Connects the login to the session's limits."""

    name = "mingcha.desk.accounts"

    def ready(self) -> None:
        """Called once Django is set up."""
        from mingcha.desk.accounts import sessions

        user_logged_in.connect(sessions.begin, dispatch_uid="mingcha session")
