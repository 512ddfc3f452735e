"""What the user brings: sheet, pedigrees, phenotypes, VCFs; every fault told at once."""
