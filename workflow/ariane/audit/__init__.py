"""What rests on what: the manifest of a run, its crate, and walks from results to bytes and back."""
