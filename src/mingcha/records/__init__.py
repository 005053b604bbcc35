"""数据: the contract of the facts, the readers that bring them in, and the lake that keeps them."""
