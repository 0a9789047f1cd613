"""Where settings come from: environment, files, and the order between them."""
