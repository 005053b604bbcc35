"""The desk as a WSGI application; started by mingcha.desk.server."""

import os
from threading import Thread

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mingcha.desk.settings")
application = get_wsgi_application()


def _warm() -> None:
    from mingcha.desk.audit.facts import warm
    from mingcha.desk.library.shelf import shipped

    shipped()
    warm()


def _deliver() -> None:
    from django.conf import settings

    from mingcha.desk.reminders.delivering import keep_delivering

    keep_delivering(settings.HOME)


def _collect() -> None:
    from django.conf import settings

    from mingcha.desk.collecting import keep_collecting

    keep_collecting(settings.HOME)


def _seal() -> None:
    from django.conf import settings

    from mingcha.desk.trail.sealing import keep_sealing

    keep_sealing(settings.HOME)


def _clocks() -> None:
    from django.conf import settings

    from mingcha.desk.clocks import keep_clocks

    keep_clocks(settings.HOME)


def _fold() -> None:
    from django.conf import settings

    from mingcha.desk.audit.folding import keep_folding

    keep_folding(settings.HOME)


def _post() -> None:
    from django.conf import settings

    from mingcha.desk.notices.posting import keep_posting

    keep_posting(settings.HOME)


def _send() -> None:
    from django.conf import settings

    from mingcha.desk.notices.sending import keep_sending

    Thread(target=keep_sending, args=[settings.HOME, ("endpoint",)], daemon=True).start()  # slow ones hold up no mail
    keep_sending(settings.HOME, ("email", "sms"))


Thread(target=_send, daemon=True).start()  # and beyond the desk, as they wished
Thread(target=_post, daemon=True).start()  # people are told within seconds
Thread(target=_fold, daemon=True).start()  # what was counted move by move is one number again within a minute
Thread(target=_seal, daemon=True).start()  # what anybody did is part of the chain within seconds
Thread(target=_clocks, daemon=True).start()  # deadlines pass, and withdrawn rules go on their day
Thread(target=_collect, daemon=True).start()  # what gates took in is in the lake within a minute
Thread(target=_deliver, daemon=True).start()  # what hospitals were reminded of is here within seconds
Thread(target=_warm, daemon=True).start()  # rules and lake take seconds that no reader should wait for
