"""Keys at rest: keystore files, passphrases, and who signs for which account."""
