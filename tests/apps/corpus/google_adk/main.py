"""The API server of the Agent Development Kit, without agents."""

import tempfile

from google.adk.cli.fast_api import get_fast_api_app

app = get_fast_api_app(agents_dir=tempfile.mkdtemp(prefix="corpus-adk-"), web=False)
