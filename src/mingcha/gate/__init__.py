"""接口: the service that hospitals and pharmacies ask before an order is signed and before a bill is settled.

A process of its own, without Django: it stays up while the desk and its database are down. What it knows comes down
in a signed bundle, what it learns goes up in a journal (DECISIONS 24).
"""
