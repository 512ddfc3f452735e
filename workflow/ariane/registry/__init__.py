"""Proposals and decided outcomes written back into registry files."""
