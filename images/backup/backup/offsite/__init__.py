"""Copies of the backups, and of the files of services, in a bucket elsewhere."""
