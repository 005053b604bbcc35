"""How a person is shown where the name is not needed: 王*燕, 6103**********5312 (LOOK: names and ids masked)."""


def masked_name(name: str | None) -> str:
    """First and last character; a two-character name keeps the first."""
    text = (name or "").strip()
    if len(text) <= 1:
        return text
    return text[0] + "*" if len(text) == 2 else text[0] + "*" * min(len(text) - 2, 3) + text[-1]


def masked_number(number: str | None) -> str:
    """The first and last four of a long number; of a short one the last two."""
    text = (number or "").strip()
    if len(text) >= 12:
        return text[:4] + "*" * (len(text) - 8) + text[-4:]
    return "*" * max(0, len(text) - 2) + text[-2:]
