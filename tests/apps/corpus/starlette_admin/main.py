"""A Starlette application with an admin interface of starlette-admin over SQLite."""

from contextlib import asynccontextmanager

from sqlalchemy import Column, Integer, create_engine
from sqlalchemy.orm import declarative_base
from starlette.applications import Starlette
from starlette_admin.contrib.sqla import Admin, ModelView

Base = declarative_base()
engine = create_engine("sqlite://")


class Item(Base):
    __tablename__ = "items"
    id = Column(Integer, primary_key=True)


@asynccontextmanager
async def lifespan(app):
    Base.metadata.create_all(engine)
    app.state.engine = engine
    yield
    engine.dispose()


app = Starlette(lifespan=lifespan)
admin = Admin(engine)
admin.add_view(ModelView(Item))
admin.mount_to(app)
