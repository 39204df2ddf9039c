"""Decides which digit an image shows, and whether a person should review it."""
