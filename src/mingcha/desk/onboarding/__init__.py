"""机构接入: which providers' systems may ask the gate, with which keys, how far they are, and how strong it speaks."""
