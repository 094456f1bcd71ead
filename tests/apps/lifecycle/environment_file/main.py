"""The environment file is loaded after the module that needs it."""

import late
from dotenv import load_dotenv
from starlette.applications import Starlette

load_dotenv()  # loads

app = Starlette()
