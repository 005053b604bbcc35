"""知识: packs of rules and knowledge rows: read, checked, hashed, and what of them was in force on a day."""
