"""What partners, residents and municipalities agree and sign for PartnerExchange."""
