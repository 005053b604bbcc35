"""`python -m mingcha.cli` is `mingcha`."""

from mingcha.cli import main

main()
