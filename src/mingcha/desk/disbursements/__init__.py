"""拨付: signed claims become batches of payments, signed by three or four people, sent, and answered row by row."""
