"""待遇审核 Manual claims and maternity allowances, through five levels of people to the signature."""
