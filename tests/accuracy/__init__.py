"""How right PS-TLS-004 is on source code: snippets with labels, and what the scan says of them."""
