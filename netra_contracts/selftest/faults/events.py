"""Faults of event delivery and of authentication."""

from __future__ import annotations

from netra_contracts.selftest.faults.model import SeededFault, make_fault

EVENTS: tuple[SeededFault, ...] = (
    make_fault(
        "missing-tool-completed",
        "The event for a completed tool call is not sent",
        "NC501",
        "",
        ("tools", "        await self._emitter.notify_tool_completed(name, result)\n", ""),
        subjects=("tool_completed",),
    ),
    make_fault(
        "missing-agent-completed",
        "The event for a completed run is not sent",
        "NC501",
        "",
        ("engine", "            await self._emitter.notify_agent_completed(answer)\n", ""),
        subjects=("agent_completed",),
    ),
    make_fault(
        "run-dies",
        "The agent raises during each run of a user",
        "NC501",
        "",
        (
            "tools",
            "        result = await self._tools[name](**arguments)\n",
            "        result = await self._tools[name](**arguments)\n"
            '        if self.context.user_id not in ("startup", "check"):\n'
            '            raise TimeoutError("the tool did not answer")\n',
        ),
        subjects=("tool_completed:agent_completed",),
    ),
    make_fault(
        "sent-from-a-thread",
        "Tool results are sent from a thread without an event loop",
        "NC501",
        "",
        (
            "emitter",
            '        await self._emit("tool_completed", {"tool": tool, "result": result})\n',
            '        if self._bridge.context.user_id in ("startup", "check"):\n'
            "            return\n"
            "        import asyncio, threading\n\n"
            "        threading.Thread(\n"
            '            target=lambda: asyncio.create_task(self._emit("tool_completed", {})), daemon=True\n'
            "        ).start()\n",
        ),
        subjects=("tool_completed",),
    ),
    make_fault(
        "completed-before-tool",
        "The event for a completed run is sent before the tool is called",
        "NC502",
        "",
        (
            "agents",
            '        await self._emitter.notify_agent_thinking("Has this been said before?")\n',
            '        await self._emitter.notify_agent_thinking("Has this been said before?")\n'
            '        await self._emitter.notify_agent_completed("soon")\n',
        ),
        ("engine", "            await self._emitter.notify_agent_completed(answer)\n", ""),
    ),
    make_fault(
        "sends-overtake",
        "Each event is sent by a separate task, and events overtake each other",
        "NC502",
        "",
        (
            "emitter",
            "        await self._bridge.emit_event(event, data)\n",
            "        import asyncio\n\n"
            "        async def later() -> None:\n"
            '            await asyncio.sleep(0.1 if event == "tool_executing" else 0)\n'
            "            await self._bridge.emit_event(event, data)\n\n"
            "        self.__dict__.setdefault('_sends', []).append(asyncio.create_task(later()))\n",
        ),
    ),
    make_fault(
        "late-event",
        "The result of a tool is sent two seconds late",
        "NC503",
        "",
        (
            "tools",
            "        await self._emitter.notify_tool_completed(name, result)\n",
            '        if self.context.user_id not in ("startup", "check"):\n'
            "            await __import__('asyncio').sleep(2)\n"
            "        await self._emitter.notify_tool_completed(name, result)\n",
        ),
        subjects=("tool_completed",),
        deadline_s=8.0,
        within_ms=1500.0,
    ),
    make_fault(
        "broadcast-to-all",
        "Events are sent to the connections of all users",
        "NC504",
        "",
        (
            "bridge",
            "for connection in self._connection_pool.get_connections(self.context.user_id))",
            "for some in self._connection_pool._connections.values() for connection in some)",
        ),
    ),
    make_fault(
        "duplicated-event",
        "The event for a thought of the agent is sent twice",
        "NC505",
        "",
        (
            "emitter",
            '        await self._emit("agent_thinking", {"thought": thought})\n',
            '        await self._emit("agent_thinking", {"thought": thought})\n'
            '        await self._emit("agent_thinking", {"thought": thought})\n',
        ),
        subjects=("agent_thinking",),
    ),
    make_fault(
        "no-token-accepted",
        "Clients without a token are served as anonymous users",
        "NC506",
        "",
        (
            "auth",
            '            raise InvalidTokenError("there is no token")\n',
            '            return Identity("anonymous", time.time() + LIFETIME_S)\n',
        ),
        subjects=("no token",),
    ),
    make_fault(
        "expired-token-accepted",
        "The expiry of tokens is not verified",
        "NC506",
        "",
        ("auth", 'options={"require":', 'options={"verify_exp": False, "require":'),
        ("auth", 'expires_at=int(claims["exp"])', "expires_at=time.time() + LIFETIME_S"),
        subjects=("expired token",),
    ),
    make_fault(
        "signature-not-verified",
        "The signature of tokens is not verified",
        "NC506",
        "",
        (
            "auth",
            'options={"require":',
            'options={"verify_signature": False, "verify_exp": True, "verify_aud": True, "require":',
        ),
        subjects=("wrong signature", "alg none"),
    ),
    make_fault(
        "unsigned-token-accepted",
        "Unsigned tokens (`alg: none`) are accepted",
        "NC506",
        "",
        (
            "auth",
            "                options={",
            '                options={"verify_signature": not none} if none else {',
        ),
        (
            "auth",
            "        try:\n            claims = jwt.decode(\n",
            '        none = jwt.get_unverified_header(token)["alg"] == "none"\n'
            "        try:\n            claims = jwt.decode(\n",
        ),
        subjects=("alg none",),
    ),
    make_fault(
        "any-audience-accepted",
        "Tokens for another audience are accepted",
        "NC506",
        "",
        ("auth", "                audience=AUDIENCE,\n", ""),
        ("auth", 'options={"require":', 'options={"verify_aud": False, "require":'),
        subjects=("another audience",),
    ),
    make_fault(
        "slow-reader-stalls-others",
        "All connections share one lock for sending",
        "NC508",
        "",
        (
            "connection",
            "                await self._websocket.send_text(await self._queue.get())\n",
            "                text = await self._queue.get()\n"
            "                async with TURN:\n"
            "                    await self._websocket.send_text(text)\n",
        ),
        ("connection", "QUEUE_SIZE = 1024\n", "QUEUE_SIZE = 100_000\nTURN = asyncio.Lock()\n"),
        switches=("slow_reader",),
    ),
    make_fault(
        "reconnected-socket-evicted",
        "A closing socket removes all connections of its user",
        "NC509",
        "",
        ("pool", "        left = tuple(known for known in", "        left = () or tuple(known for known in"),
        ("pool", " if known is not connection)", " if False)"),
        switches=("reconnect",),
    ),
    make_fault(
        "subscribed-twice",
        "A connection is added again for each existing connection of its user",
        "NC505",
        "",
        (
            "pool",
            "        self._connections[user_id] = (*self.get_connections(user_id), connection)\n",
            "        before = self.get_connections(user_id)\n"
            "        self._connections[user_id] = (*before, connection, *(connection for _ in before))\n",
        ),
        switches=("reconnect",),
    ),
    make_fault(
        "socket-outlives-token",
        "A socket is still served after its token has expired",
        "NC510",
        "",
        ("chat", "timeout=self._time_left, return_when", "timeout=None, return_when"),
        ("chat", "        return self._time_left == 0.0\n", "        return False\n"),
        switches=("expiry",),
    ),
    make_fault(
        "burst-overruns-queue",
        "The queue of a connection is too small for a burst of events",
        "NC501",
        "",
        ("connection", "QUEUE_SIZE = 1024\n", "QUEUE_SIZE = 8\n"),
        switches=("burst",),
    ),
    make_fault(
        "socket-route-renamed",
        "The WebSocket route has another path than clients use",
        "NC511",
        "",
        ("app", 'WebSocketRoute("/ws", chat)', 'WebSocketRoute("/socket", chat)'),
        subjects=("route",),
    ),
)
