"""Ariane: leads unsolved rare-disease cases out of the diagnostic impasse.

The rooms, lowest first; a room imports only from rooms before it:

``model`` < ``knowledge`` < ``intake``, ``annotate``, ``rank`` < ``reanalyse`` < ``report``,
``registry`` < ``audit``.
"""

__version__ = "0.1.0"
