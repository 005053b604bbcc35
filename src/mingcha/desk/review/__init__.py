"""疑点审核: people decide findings, providers answer them; every move stands in the history with its actor."""
