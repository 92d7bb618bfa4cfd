"""Semgrep, driven so that a hostile tree cannot steer it: rules in, matches and gaps out."""
