"""The objects that the application's modules keep in their globals and in attributes of their classes."""
