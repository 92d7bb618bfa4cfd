"""Policies, whom they are attached to, and access keys."""
