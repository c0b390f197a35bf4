"""A council of many municipalities on one chain, of any size, to be measured."""
