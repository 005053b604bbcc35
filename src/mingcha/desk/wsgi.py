"""The desk as a WSGI application; started by mingcha.desk.server."""

import os
from threading import Thread

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mingcha.desk.settings")
application = get_wsgi_application()


def _warm() -> None:
    from mingcha.desk.audit.facts import warm

    warm()


Thread(target=_warm, daemon=True).start()  # attaching the lake takes a second that no reader should wait for
