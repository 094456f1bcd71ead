"""An AgentOS with a scheduler, which its own lifespan starts."""

from agno.agent import Agent
from agno.db.sqlite import SqliteDb
from agno.os import AgentOS

agent_os = AgentOS(agents=[Agent(name="assistant")], db=SqliteDb(db_file="agents.db"), scheduler=True, telemetry=False)
app = agent_os.get_app()
