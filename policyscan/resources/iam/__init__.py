"""Statements of policies, and which exchange secrets they reach, as AWS evaluates them."""
