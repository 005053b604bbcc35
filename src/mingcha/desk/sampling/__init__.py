"""数据抽查: plans drawn from the settlements, given to experts, and what their answers say of all."""
