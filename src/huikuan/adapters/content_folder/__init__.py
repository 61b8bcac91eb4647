"""The content store as a folder of the home: files named by their SHA-256, spread over 256 folders."""
