"""规则库: the rules in force as pages, local packs of areas, and the life of every change to a rule."""
