"""A viber as a stranger would write it: the first messages of the protocol, nothing else, standard library only.

Arguments: host port token viberId [runningTask...]. What a task's goal says is what is done with it:
complete, fail, hang (until task:stop), vanish (start, then leave), cut (leave at once).
Every frame received, and each WebSocket ping, is printed as a JSON line.
"""

import base64
import hashlib
import json
import os
import socket
import struct
import sys

host, port, token, viber_id, *running = sys.argv[1:]
sock = socket.create_connection((host, int(port)))
stream = sock.makefile("rb")


def say(**what):
    print(json.dumps(what), flush=True)


def send_frame(opcode, payload):
    mask = os.urandom(4)
    head = bytes([0x80 | opcode])
    if len(payload) < 126:
        head += bytes([0x80 | len(payload)])
    elif len(payload) < 1 << 16:
        head += bytes([0x80 | 126]) + struct.pack(">H", len(payload))
    else:
        head += bytes([0x80 | 127]) + struct.pack(">Q", len(payload))
    sock.sendall(head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)))


def send(**message):
    send_frame(1, json.dumps(message).encode())


def read(count):
    got = stream.read(count)
    if len(got) < count:
        raise EOFError
    return got


def read_frame():
    first, second = read(2)
    length = second & 0x7F
    if length == 126:
        (length,) = struct.unpack(">H", read(2))
    elif length == 127:
        (length,) = struct.unpack(">Q", read(8))
    return first & 0x80, first & 0x0F, read(length)


def read_message():
    whole = b""
    while True:
        final, opcode, payload = read_frame()
        if opcode == 9:
            send_frame(10, payload)
            say(wsPing=True)
        elif opcode == 8:
            say(closed=struct.unpack(">H", payload[:2])[0] if payload else 1005)
            return None
        elif opcode != 10:
            whole += payload
            if final:
                return json.loads(whole)


def leave():
    sock.shutdown(socket.SHUT_RDWR)
    sock.close()
    say(left=True)
    sys.exit(0)


def status(tasks):
    return {"status": "online", "runningTasks": tasks, "capacity": 4}


def work(task_id, goal):
    if goal == "cut":
        leave()
    send(type="task:started", taskId=task_id, spaceId="space-" + task_id)
    if goal == "vanish":
        leave()
    if goal == "complete":
        send(type="task:progress", taskId=task_id, event={"type": "text-delta", "delta": "Hel", "nested": {"a": [1, None]}})
        send(type="task:progress", taskId=task_id, event={"type": "text-delta", "delta": "lo"})
        send(type="task:completed", taskId=task_id, result={"summary": {"text": "done"}, "extra": 7})
    elif goal == "fail":
        send(type="task:error", taskId=task_id, error="no such luck")


key = base64.b64encode(os.urandom(16)).decode()
sock.sendall(
    f"GET /vibers/ws HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
)
answer = stream.readline().decode().split(" ")[1]
headers = {}
for line in iter(stream.readline, b"\r\n"):
    name, _, value = line.decode().partition(":")
    headers[name.strip().lower()] = value.strip()
if answer != "101":
    say(refused=int(answer))
    sys.exit(0)
expected = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
assert headers["sec-websocket-accept"] == expected, headers
assert "sec-websocket-protocol" not in headers and "sec-websocket-extensions" not in headers, headers

send(type="connected", viber={"id": viber_id, "name": "stranger", "version": "0.0.1", "platform": "linux",
                              "arch": "amd64", "capabilities": ["file"], "runningTasks": running})
send(type="heartbeat", status=status(running))
say(ready=True, pid=os.getpid())
while True:
    try:
        message = read_message()
    except EOFError:
        message = None
    if message is None:
        break
    say(received=message)
    kind = message.get("type")
    if kind == "task:submit":
        work(message["taskId"], message["goal"])
    elif kind == "task:stop":
        send(type="task:error", taskId=message["taskId"], error="stopped")
    elif kind == "ping":
        send(type="pong")
