"""The edges: one file per family of HTTP clients, and the guard that closes the network."""
