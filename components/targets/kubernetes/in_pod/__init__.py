"""Programs that run in pods. They import the standard library and components.text, nothing else."""
