"""Opens the demo accounts and prints them as JSON, in a process of its own: `python -m mingcha.desk.demo`."""

import json
import os


def main() -> None:
    """One account per role; the names are invented."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mingcha.desk.settings")
    import django

    django.setup()
    from mingcha.desk.accounts.actions import open_demo_accounts

    print(json.dumps([account._asdict() for account in open_demo_accounts(by="demo")], ensure_ascii=False))


if __name__ == "__main__":
    main()
