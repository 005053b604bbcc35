"""One file per kind of rule; `mingcha.rules.kind.kinds()` finds them by file name."""
