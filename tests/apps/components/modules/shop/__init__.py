"""Services that are objects of modules."""
