"""The kinds of things that policies judge, and the meaning of their fields."""
