"""Results on the terminal and in e-mails. The only package that imports rich."""
