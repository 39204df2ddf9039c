"""The Docker target: networks, volumes, images and containers of one engine."""
