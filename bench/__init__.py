"""What this package costs, beside every other way of doing the same. See bench/README.md."""
