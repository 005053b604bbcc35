"""文书: notices, decisions, opinions and statements an office drafts, signs, numbers, prints and delivers."""
