"""The slow tier: answers with three values and the proof of each."""
