"""Alembic's template for asynchronous drivers, with the URL from DATABASE_URL."""

import asyncio
import os

from alembic import context
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from app.models import Base


def migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()


async def run() -> None:
    async with create_async_engine(os.environ["DATABASE_URL"]).connect() as connection:
        await connection.run_sync(migrate)
        await connection.commit()


asyncio.run(run())
