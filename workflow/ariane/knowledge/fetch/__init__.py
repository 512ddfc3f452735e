"""Fetching: from the manifest of downloads to a release, and to a bundle that needs no network."""
