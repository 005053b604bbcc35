"""From a draft of integers to the tables of the contract."""
