"""The council's account of several keys: a Safe, of which so many owners must sign whatever it calls."""
