"""Programs, images and wheels for machines that reach only package registries: see README.md."""
