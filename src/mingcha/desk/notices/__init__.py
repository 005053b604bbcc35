"""通知 Telling people what waits for them: at the desk, by e-mail, by webhook, by SMS.

An act writes what it tells in its own transaction (telling.py); the desk makes notices of these rows (posting.py).
"""
