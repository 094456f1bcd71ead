"""An AgentOS application with one agent, which is never called."""

from agno.agent import Agent
from agno.models.openai import OpenAIChat
from agno.os import AgentOS

agent = Agent(id="corpus", name="corpus", model=OpenAIChat(id="gpt-4o", api_key="unused"))
app = AgentOS(agents=[agent]).get_app()
