"""术语: money, quantities, dates, areas, code lists and the error base that every room shares."""
