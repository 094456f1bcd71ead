"""A plug-in that registers a startup handler after the lifespan has replaced them."""


class Mqtt:
    def init_app(self, app):
        app.router.add_event_handler("startup", self.connect)

    async def connect(self):
        raise AssertionError("never called")
