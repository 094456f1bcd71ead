"""The component is set under a name with a typo."""

from starlette.applications import Starlette

from parts import Pool

app = Starlette()
app.state.conection_pool = Pool()
