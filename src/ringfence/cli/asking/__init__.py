"""What ``can-i`` and ``who-can`` share."""
