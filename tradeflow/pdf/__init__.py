"""Documents on paper: any message as a PDF/A-3 that a person can read and a machine can check."""
