"""What goes to the bank and comes back from it."""
