"""How the clients of programs use TLS: from matches of rules to `TlsClientUse`."""
