"""机构门户: a provider's insurance office sees and answers findings about itself, and nothing else."""
