"""The map of powers: who may do what, as decided and as the chain shows it."""
