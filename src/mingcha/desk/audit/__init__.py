"""机审: audits, their findings and observations, and the pages that read them."""
