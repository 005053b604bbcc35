"""规则: what can be said about facts (the algebra), and the kinds of rule said in it."""
