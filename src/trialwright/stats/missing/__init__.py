"""Missing outcomes: imputed under stated assumptions, and pooled."""
