"""A municipality's fiscal year: read from CSV files, played on a chain, worked out in the model, compared."""
