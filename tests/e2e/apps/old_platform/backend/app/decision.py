"""The second service, in an image of its own."""

from typing import Any

from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "healthy"}


@app.post("/decide")
def decide(observation: dict[str, Any]) -> dict[str, str]:
    return {"decision": f"watch {observation['source']}"}
