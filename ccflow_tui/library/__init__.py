"""ccflow for programs: the names here are published by ``ccflow_tui`` itself."""
