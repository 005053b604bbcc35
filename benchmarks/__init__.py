"""Measurements that print ratios of one interleaved run, so that a noisy machine does not change the answer."""
