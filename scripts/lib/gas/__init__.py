"""What the contracts' verbs take: gas, bytes of code, state and logs, each beside its anchor."""
