"""The next step for whoever wrote an expression that is refused: one sentence, mostly with the code
to write. Empty where there is nothing better to say than the message."""
