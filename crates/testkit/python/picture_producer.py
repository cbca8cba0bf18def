"""A producer of pictures as workers in Python are: JSON as text, then the same as bytes; masked frames by hand."""

import base64
import json
import os
import socket
import struct
import sys

port, data = int(sys.argv[1]), sys.argv[2]
connection = socket.create_connection(("127.0.0.1", port))
key = base64.b64encode(os.urandom(16)).decode()
connection.sendall(
    (
        f"GET /ws/stream/s-1 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
        f"Origin: http://127.0.0.1:{port}\r\nUser-Agent: Mozilla/5.0\r\n\r\n"
    ).encode()
)
answer = b""
while b"\r\n\r\n" not in answer:
    answer += connection.recv(4096)
assert answer.startswith(b"HTTP/1.1 101"), answer


def send(opcode, payload):
    mask = os.urandom(4)
    length = len(payload)
    head = bytes([0x80 | opcode])
    head += bytes([0x80 | length]) if length < 126 else struct.pack("!BH", 0x80 | 126, length)
    connection.sendall(head + mask + bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload)))


message = json.dumps({"type": "frame", "sessionId": "s-1", "data": data, "timestamp": 1.5}).encode()
send(1, message)
# One slot is all there is: what follows too fast takes the place of what was not seen yet.
connection.settimeout(0.2)
try:
    assert connection.recv(1) == b"", "producers are never written to"
except TimeoutError:
    pass
connection.settimeout(None)
send(2, message)
sys.stdin.read()
