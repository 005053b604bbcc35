"""执行: the engines. Each knows the algebra's nodes and nothing of the kinds; all give the same answers."""
