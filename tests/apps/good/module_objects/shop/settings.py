"""A singleton that other modules import."""


class Settings:
    pass


settings = Settings()
