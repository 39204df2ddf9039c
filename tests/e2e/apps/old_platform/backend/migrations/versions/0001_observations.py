import sqlalchemy
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "observations",
        sqlalchemy.Column("id", sqlalchemy.Integer, primary_key=True),
        sqlalchemy.Column("source", sqlalchemy.String, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("observations")
