"""What a proof says to a person."""
