"""The desk as a WSGI application; started by mingcha.desk.server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mingcha.desk.settings")
application = get_wsgi_application()
