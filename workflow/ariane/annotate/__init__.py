"""From a VCF to the case's candidates: normalised, with consequence and gene."""
