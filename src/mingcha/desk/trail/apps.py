"""The trail app: logins are entries, too."""

from django.apps import AppConfig


class TrailConfig(AppConfig):
    """Connects what happens at the door with the trail."""

    name = "mingcha.desk.trail"

    def ready(self) -> None:
        """Called once Django is set up."""
        from mingcha.desk.trail import door

        door.watch()
