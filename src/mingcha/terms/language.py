"""Which of the two languages to speak: Chinese is the source, English complete (DECISIONS 33)."""

import os


def language() -> str:
    """"zh" or "en": MINGCHA_LANG first, then the locale; Chinese when nothing says otherwise."""
    wish = os.environ.get("MINGCHA_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return "en" if wish.lower().startswith("en") else "zh"


def pick(zh: str, en: str) -> str:
    """The sentence in the language of the person at the keyboard."""
    return en if language() == "en" else zh
