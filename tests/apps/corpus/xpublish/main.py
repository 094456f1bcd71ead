"""A dataset served by xpublish."""

import xarray
import xpublish

app = xpublish.Rest({"corpus": xarray.Dataset({"x": ("t", [1, 2, 3])})}).app
