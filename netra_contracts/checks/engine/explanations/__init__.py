"""What explains findings: exceptions, as hints, texts and causes, and what the application logged."""
