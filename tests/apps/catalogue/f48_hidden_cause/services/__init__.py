from services.storage import pool
