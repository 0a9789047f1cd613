"""What every floor may do to a file: standard library only, and nothing that is about OAuth."""
