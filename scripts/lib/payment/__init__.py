"""A payment of a sale: what is signed, the texts that pass between till and purse, why one is refused."""
