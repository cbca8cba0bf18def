"""Writes the first inputs of the fuzz targets into corpus/; what a fuzzer finds later may be added there."""

import json
import pathlib
import struct
import zlib

HERE = pathlib.Path(__file__).resolve().parent
MASK = bytes([1, 2, 3, 4])


def frame(first, payload, masked=True):
    flag = 0x80 if masked else 0
    size = len(payload)
    if size < 126:
        head = bytes([first, flag | size])
    elif size < 65536:
        head = bytes([first, flag | 126]) + struct.pack(">H", size)
    else:
        head = bytes([first, flag | 127]) + struct.pack(">Q", size)
    if not masked:
        return head + payload
    return head + MASK + bytes(byte ^ MASK[at % 4] for at, byte in enumerate(payload))


def deflated(payload):
    deflater = zlib.compressobj(6, zlib.DEFLATED, -15)
    return (deflater.compress(payload) + deflater.flush(zlib.Z_SYNC_FLUSH))[:-4]


def streams():
    for masked in (True, False):
        options = 0 if masked else 1
        put = lambda first, payload: frame(first, payload, masked)  # noqa: E731
        yield options, put(0x81, b"hello")
        yield options, put(0x81, "zwölf €".encode())
        yield options, put(0x82, bytes(range(200)))
        yield options, put(0x89, b"ping") + put(0x8A, b"pong") + put(0x88, b"\x03\xe8bye")
        yield options, put(0x01, b"he") + put(0x89, b"") + put(0x80, b"llo")
        yield options, put(0x88, b"")
        yield options, put(0x81, b"\xff")
        yield options, put(0x82, b"x" * 5000)
        yield options | 2, put(0xC1, deflated(b"deflated words, deflated words"))
        yield options | 2, put(0x41, b"\xf2\x48") + put(0x80, b"\xcd\xc9\xc9\x07\x00")
        yield options | 2, put(0xC2, deflated(bytes(100_000)))


def requests():
    head = "GET / HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: keep-alive, upgrade\r\n"
    head += "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    offers = [
        "permessage-deflate",
        "permessage-deflate; client_max_window_bits",
        'permessage-deflate; server_max_window_bits="10", permessage-deflate',
        "x, permessage-deflate; server_no_context_takeover; client_no_context_takeover",
    ]
    for offer in offers:
        yield f"{head}sec-websocket-extensions: {offer}\r\n\r\n".encode()
        yield offer.encode()
    yield f"{head}sec-websocket-protocol: a, bearer.b\r\n\r\n".encode()
    yield b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\nno"
    # The answer to the key of sixteen sevens, which the target's client uses.
    yield (
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
        b"sec-websocket-accept: @ACCEPT@\r\nsec-websocket-extensions: permessage-deflate; "
        b"server_no_context_takeover\r\n\r\n\x81\x02hi"
    ).replace(b"@ACCEPT@", accept_key())


def accept_key():
    import base64
    import hashlib

    key = base64.b64encode(bytes([7] * 16))
    return base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())


def record(lane, kind, position, sequence, payload, epoch=0):
    return struct.pack("<IBIQQI", lane, kind, epoch, position, sequence, len(payload)) + payload


def control():
    stream = '"stream":{"kind":"command","id":"c-1"}'
    return [
        '{"type":"hello","version":1,"agent":"a-1","incarnation":"i-1","profile":{"agentType":"shell"},'
        '"commands":[{"command":"c-1","startedAt":5,"ended":{"outcome":"exited","code":3,"endedAt":9,"ranFor":4}}]}',
        '{"type":"started","command":"c-1","at":7}',
        '{"type":"ended","command":"c-1","outcome":"exited","code":0,"endedAt":9,"ranFor":4}',
        '{"type":"lane","lane":1,%s,"position":0,"sequence":1}' % stream,
        '{"type":"lane","lane":1,%s,"position":0,"sequence":1}\n'
        '{"type":"missing","lane":1,"from":0,"to":9,"nextSequence":3}' % stream,
        '{"type":"trouble","reason":"disk"}\n{"type":"trouble"}',
        '{"type":"response","id":1,"ok":{}}',
        '{"type":"heartbeat"}\n{"type":"later"}',
        '{"type":"acknowledge",%s,"position":1,"sequence":2}' % stream,
        '{"type":"start","command":"c-1","line":"ls","timeout":1}',
        "not json",
    ]


def dashboard():
    messages = [
        '{"type":"dashboard:connect","payload":{"token":"t"}}',
        '{"type":"command:request","payload":{"agentId":"agent-1","command":"ls -la"}}',
        '{"type":"command:request","payload":{"agentId":"agent-1","command":"x","priority":"high","timeout":0,'
        '"workingDirectory":"/","env":{"A":"b"},"args":["c"],"requestId":"r"}}',
        '{"type":"command:interrupt","payload":{"commandId":"cmd-1","reason":"no","force":true}}',
        '{"type":"heartbeat","payload":{"sequence":1}}',
        '{"type":"token:refresh","payload":{"token":"u"}}',
        '{"version":"2","type":"heartbeat","payload":{}}',
        '{"type":"heartbeat","payload":[]}',
        "[]",
        '{"type":"\\ud800"}',
        "\x00",
    ]
    return [*messages, "\n".join(messages)]


def mission_control():
    at = 1707163200000
    status = {"agentId": "agent-abc-123", "status": "online", "timestamp": at}
    activity = {"agentId": "a", "sessionId": "s", "lastMessage": "Processing user request...", "timestamp": at}
    messages = [
        json.dumps({"type": "agent:status", "payload": status}),
        json.dumps({"type": "session:activity", "payload": activity}),
        json.dumps({"type": "heartbeat", "payload": {"timestamp": at}}),
        '{"type":"subscribe"}',
        "not JSON {",
    ]
    return [*messages, "\n".join(messages)]


def sessions_and_workers():
    messages = [
        '{"type":"request-sync","scope":["sessions"]}',
        '{"type":"input","data":"ls\\r\\u001b[A"}',
        '{"type":"resize","cols":80.5,"rows":70000}',
        '{"type":"image","data":"iVBORw0KGgo=","mimeType":"image/png"}',
        '{"type":"request-history-range","from":0,"to":18446744073709551615}',
        '{"type":"input","data":"\\ud800"}',
        '{"type":"resize","cols":1e999}',
        "{",
    ]
    return [*messages, "\n".join(messages)]


def control_and_stream():
    messages = [
        "ping",
        '{"type":"PING","messageId":"m-1","timestamp":"2026-01-01T00:00:00.000Z"}',
        '{"type":"AUTHENTICATE","sessionToken":"good","agentId":"agent-1"}',
        '{"type":"AUTHENTICATE","sessionToken":"bad","agentId":"\\ud800"}',
        '{"type":"SUBSCRIBE","subscriptionType":"TASK","targetId":"cmd-1"}',
        '{"type":"UNSUBSCRIBE","subscriptionType":"SESSION","targetId":""}',
        '{"type":"BATCH","messages":[{"type":"PING"}]}',
        '{"type":"DANCE"}',
        '["PING"]',
        "{",
    ]
    return [*messages, "\n".join(messages)]


def live_pictures():
    picture = '{"type":"frame","sessionId":"s-1","data":"/9j/4AAB","timestamp":1.5}'
    messages = [
        picture,
        '{"type":"frame","data":"iVBORw0KGgo=","seq":7,"mime":"image/png","metadata":{"deviceWidth":1280,"layout":1}}',
        '{"type":"frame","data":"\\u002f9j/","timestamp":1e999}',
        '{"type":"AUTHENTICATE","sessionToken":"x"}',
        '{"type":"config","maxFps":5,"pacing":"ack"}',
        '{"type":"ack","seq":1}',
        '{"type":"status"}',
        '{"type":"control","action":"request"}',
        '{"type":"control","action":"grant","id":"1"}',
        '{"type":"resize","width":1e9,"height":-1}',
        '{"type":"input_mouse","eventType":"mousePressed","x":1,"y":2,"button":"left","clickCount":1,"seq":3}',
        '{"type":"input_mouse","eventType":"mouseWheel","x":1,"y":2,"deltaX":-1e300,"deltaY":0.1}',
        '{"type":"input_keyboard","eventType":"keyDown","key":"a","code":"KeyA","text":"\\ud83d\\ude00","modifiers":255}',
        '{"type":"input_touch","eventType":"touchStart","touchPoints":[{"x":1,"y":2,"id":0},{"x":3,"y":4,"id":1}]}',
        '{"type":"input_clipboard","text":"words"}',
        '{"type":"input_copy"}',
        "{",
    ]
    head = b'{"type":"frame","timestamp":1.5,"mime":"image/jpeg"}'
    binary = struct.pack("<I", len(head)) + head + b"\xff\xd8\xff\xe0picture"
    texts = [text.encode() for text in [*messages, "\n".join(messages)]]
    return [*texts, binary, binary[:20], picture.encode() + b"\n" + binary, struct.pack("<I", 2**32 - 1)]


def runs():
    messages = [
        "ping",
        '{"type":"authenticate","token":"good"}',
        '{"type":"start_agent","runId":"run-1","afterStep":3,"extended":true}',
        '{"type":"start_agent","runId":"\\ud800"}',
        '{"type":"heartbeat","timestamp":"2026-01-01T00:00:00.000Z"}',
        '{"type":"cancel_run","runId":"run-1","reason":"enough"}',
        '{"type":"pause_run","runId":"run-1"}',
        '{"type":"reply","runId":"run-1","wait":"q","text":"that"}',
        '{"type":"decide","runId":"run-1","wait":"a","granted":true,"always":false}',
        '{"type":"start_script","automationId":"a"}',
        '{"type":"authenticate","token":7}',
        '["authenticate"]',
        "{",
    ]
    return [*messages, "\n".join(messages)]


def write(target, inputs):
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(inputs, 1):
        (folder / f"{number:02}").write_bytes(content)


write("websocket_decoder", [bytes([options, piece]) + data for options, data in streams() for piece in (1, 7)])
write("websocket_handshake", requests())
write("deflate_round_trip", [
    bytes([bits, level, repeat]) + payload
    for bits, level, repeat in ((0, 1, 31), (6, 6, 0), (3, 9, 7), (6, 0, 2))
    for payload in (b"", b"words and words and words", bytes(range(256)), deflated(b"abc" * 99), deflated(bytes(99_999)))
])
write("agent_link_records", [
    record(1, 1, 0, 1, b"out") + record(1, 2, 3, 2, b"error"),
    record(7, 3, 258, 3, b"\x1b[1mterminal"),
    record(1, 5, 0, 1, b"\x50\x00\x18\x00snapshot") + record(1, 3, 0, 1, b""),
    record(1, 200, 0, 1, b"later"),
    record(1, 1, 2**64 - 2, 2**64 - 1, b"x"),
    record(1, 1, 2**64 - 1, 0, b"x"),
    record(1, 1, 0, 1, b"cut")[:-1],
    record(1, 1, 0, 1, b"")[:28],
    b"",
])
write("agent_link_control", [text.encode() for text in control()])
write("dashboard_message", [text.encode() for text in dashboard()] + [b"\xff\xfe"])
write("terminal", [
    b"\x50\x18" + "\x1b[1;31mred\x1b[m 中文 e\u0301\x1b[?1049h\x1b[2;5r\x1b[?2026hx".encode() + b"\xff\x0a\x05more\r\n" * 9,
    b"\x14\x05\x1b[c\x1b[6n\x1b]11;?\x07\x1bP$qm\x1b\\\x1b]8;id=a;http://b\x07link\xff\x05\x02\x1b7\x1b[4h\x1b8x\x1b[3b",
    b"\x05\x02" + b"wrapped around " * 20 + b"\xff\x3c\x14\xff\x02\x01\x1b[",
])
write("sessions_and_workers_message", [text.encode() for text in sessions_and_workers()] + [b"\xff\xfe"])
write("control_and_stream_message", [text.encode() for text in control_and_stream()] + [b"\xff\xfe"])
write("runs_message", [text.encode() for text in runs()] + [b"\xff\xfe"])
write("mission_control_message", [text.encode() for text in mission_control()] + [b"\xff\xfe"])
write("live_pictures_message", live_pictures())
