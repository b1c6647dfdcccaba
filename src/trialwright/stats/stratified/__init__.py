"""Two or more arms compared within strata."""
