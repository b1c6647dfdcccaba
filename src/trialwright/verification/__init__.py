"""Expected numbers of other programs, checked figure by figure."""
