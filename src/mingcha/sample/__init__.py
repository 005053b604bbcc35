"""样本: a made-up city with planted violations and their key; knows the wording of the rules, not their code."""
