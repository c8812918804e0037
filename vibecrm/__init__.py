"""Settings, URLs, processes: the wiring of VibeCRM."""
