"""What the versions of SLEDAI share: 24 items, weights, derivation from raw values, sum."""
