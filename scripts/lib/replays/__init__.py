"""What happened, rebuilt from events alone: the second, independent account of the truth."""
