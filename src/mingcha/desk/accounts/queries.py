"""Reads of the accounts app."""

from django.db.models import QuerySet

from mingcha.desk.accounts.models import Account


def all_accounts() -> QuerySet[Account]:
    """Every account, by name."""
    return Account.objects.order_by("username")
