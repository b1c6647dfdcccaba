"""One proportion, and two compared by difference, ratio or odds ratio."""
