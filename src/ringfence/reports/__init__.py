"""Results as text for people and as JSON for programs. Pure: a value goes in, text or plain data comes out."""
