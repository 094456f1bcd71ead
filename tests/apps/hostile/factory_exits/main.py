"""A factory that ends the process with 0."""

import sys


def create_app():
    sys.exit(0)
