"""规则库: which local packs are in force where, who installed and who removed them."""
