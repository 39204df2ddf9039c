"""Decides what digit an image shows, and whether a person should look at it."""
