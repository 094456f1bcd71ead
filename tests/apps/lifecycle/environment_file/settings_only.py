"""The settings read the file; other code reads the environment, which does not have the variables."""

import late
from pydantic_settings import BaseSettings, SettingsConfigDict
from starlette.applications import Starlette


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env")
    database_url: str
    cache_url: str
    stage: str


settings = Settings()  # reads the file
app = Starlette()
