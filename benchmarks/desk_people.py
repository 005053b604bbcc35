"""Opens the accounts of the desk's virtual users, in a process of its own, and prints them as JSON: `… COUNT`."""

import json
import os
import secrets
import sys


def main() -> None:
    """One account each: most of the whole city, some of one county, some of a provider with findings to answer."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mingcha.desk.settings")
    import django

    django.setup()
    from django.conf import settings

    from mingcha.desk.accounts.actions import open_account
    from mingcha.desk.accounts.models import Account
    from mingcha.home.database import connect

    with connect(settings.HOME) as job:
        ranked = "SELECT {0} FROM finding WHERE step = 'notified' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 5"
        areas, providers = ([one for (one,) in job.execute(ranked.format(name).encode())]
                            for name in ("care_area", "provider"))  # fmt: skip
    before, opened = Account.objects.filter(opened_by="bench").count(), []
    for number in range(int(sys.argv[1])):
        provider = providers[number // 10 % len(providers)] if number % 10 == 9 else None
        scope = areas[number // 10 % len(areas)] if number % 10 in (7, 8) else "*"
        password = secrets.token_urlsafe(12)
        name = f"bench-{before + number}"
        open_account(by="bench", username=name, display_name="示例用户", role="provider" if provider else "reviewer",
                     scope=areas[0] if provider else scope, provider=provider, password=password)  # fmt: skip
        opened.append({"username": name, "password": password, "provider": bool(provider)})
    print(json.dumps(opened))


if __name__ == "__main__":
    main()
