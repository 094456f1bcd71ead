"""A shop whose services are globals of its modules."""
