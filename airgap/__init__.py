"""The platform where only package registries answer: see README.md in this folder."""
