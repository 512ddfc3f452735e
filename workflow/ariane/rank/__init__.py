"""From candidates to a ranking: evidence, inheritance, phenotype, standing."""
