import sqlalchemy
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column(
        "observations",
        sqlalchemy.Column("decision", sqlalchemy.String, nullable=False, server_default="none"),
    )


def downgrade() -> None:
    op.drop_column("observations", "decision")
