"""What the ACR criteria of 1982 and of 1997 share."""
