"""The nouns of the workflow and the arithmetic on them. Nothing here reads or writes a file."""
