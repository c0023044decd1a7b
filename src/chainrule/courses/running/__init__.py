"""A course's notebook or script, run as it is, with the course's names in place."""

from chainrule.courses.running.run import run

__all__ = ["run"]
