"""资金 The money app: deduction statements, the double-entry ledger, receipts, and the proof that it adds up."""
