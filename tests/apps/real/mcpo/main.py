"""The application that mcpo's own `run` builds, for two servers of its configuration."""
import asyncio
import json
import pathlib
import sys
import mcpo.main
import uvicorn

SERVER = '''
from mcp.server.fastmcp import FastMCP
server = FastMCP("clock")
@server.tool()
def now() -> str:
    return "noon"
server.run()
'''

def create_app():
    pathlib.Path("server.py").write_text(SERVER)
    servers = {"clock": {"command": sys.executable, "args": ["server.py"]}, "dead": {"command": sys.executable, "args": ["-c", "raise SystemExit(1)"]}}
    pathlib.Path("config.json").write_text(json.dumps({"mcpServers": servers}))
    built = []
    async def keep(self, sockets=None):
        built.append(self.config.app)
    uvicorn.Server.serve = keep
    asyncio.run(mcpo.main.run(config_path="config.json"))
    return built[0]
