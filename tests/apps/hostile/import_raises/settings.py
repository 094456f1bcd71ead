PORT = int("eighty")
