"""A second home for the backups and for files of services: a bucket elsewhere, written by restic."""
