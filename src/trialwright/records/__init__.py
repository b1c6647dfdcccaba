"""Registry records: read, lint, compare with a study."""
