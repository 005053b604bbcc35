"""Opens the demo accounts and prints them as JSON, in a process of its own: `python -m mingcha.desk.demo`."""

import json
import os


def main() -> None:
    """At least one account per role; the names are invented. The portal's speaks for whoever has most at stake."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mingcha.desk.settings")
    import django

    django.setup()
    from django.conf import settings

    from mingcha.desk.accounts.actions import open_demo_accounts
    from mingcha.home.database import connect

    with connect(settings.HOME) as job:
        most = job.execute(
            "SELECT f.provider, coalesce(max(d.name), f.provider) FROM finding f"
            " LEFT JOIN provider_directory d USING (provider) WHERE f.state <> 'withdrawn'"
            " GROUP BY 1 ORDER BY sum(f.counted_fen) DESC, 1 LIMIT 1"
        ).fetchone()
    opened = open_demo_accounts(by="demo", provider=most)
    print(json.dumps([account._asdict() for account in opened], ensure_ascii=False))


if __name__ == "__main__":
    main()
