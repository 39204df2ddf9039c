"""What a command says when it does not end well."""


class BackupError(Exception):
    """Something is not well. The message says what, and what to do about it."""


class Busy(BackupError):
    """Another command runs, and only one may."""
