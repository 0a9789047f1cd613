"""One screen per step of the wizard, and the dialogs around them."""
