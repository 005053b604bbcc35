"""提醒: what the gates told hospitals and what became of it, delivered from their journals, counted and reviewed."""
