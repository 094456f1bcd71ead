"""An admin interface of Piccolo without tables."""

from piccolo_admin.endpoints import create_admin

app = create_admin([])
