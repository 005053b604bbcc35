"""账号: who may use the desk, in which role and over which areas."""
