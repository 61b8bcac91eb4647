"""Reading policy files: YAML text to frozen data, or every flaw with its line, field and remedy."""
