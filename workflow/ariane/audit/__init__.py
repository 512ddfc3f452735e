"""What rests on what: the manifest of a run, its crate, walks from results to bytes and back."""
