"""A stand-in for vLLM's and Ollama's servers: small answers in their forms, from a CPU.

What it is started with is as strict as the real ones are: an option that it does not know ends it.
"""

import argparse
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PULLED: set[str] = set()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    model = ""
    key = ""

    def do_GET(self) -> None:
        if self.path in ("/health", "/api/version"):
            self.tell(200, {"version": "0.9.2"})
        elif self.path == "/metrics":
            self.tell(200, {})
        elif self.path == "/v1/models":
            self.tell_who_has_the_key({"object": "list", "data": [{"id": self.model}]})
        elif self.path == "/api/tags":
            self.tell(200, {"models": [{"name": name} for name in sorted(PULLED)]})
        else:
            self.tell(404, {"error": "not found"})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        if self.path == "/api/pull":
            self.pull(asked["model"])
        elif self.path == "/v1/chat/completions":
            text = f"{self.model} was asked: {asked['messages'][-1]['content']}"
            message = {"role": "assistant", "content": text}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
            made = {"id": "chat-1", "object": "chat.completion", "created": 1, "model": self.model}
            whole = {**made, "choices": [choice], "usage": usage}
            if asked.get("stream") and self.has_the_key():
                self.stream(whole, message)
            else:
                self.tell_who_has_the_key(whole)
        else:
            self.tell(404, {"error": "not found"})

    def pull(self, model: str) -> None:
        """In lines, and the connection is cut in the middle of the first time."""
        if model.startswith("no-such"):
            self.lines({"error": "pull model manifest: file does not exist"})
        elif model not in PULLED:
            PULLED.add(model)
            part = {"status": "pulling a", "total": 9, "completed": 3}
            self.lines({"status": "pulling manifest"}, part)
        else:
            self.lines({"status": "pulling a", "total": 9, "completed": 9}, {"status": "success"})

    def lines(self, *told: dict[str, object]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Connection", "close")
        self.end_headers()
        for line in told:
            self.wfile.write(json.dumps(line).encode() + b"\n")
        self.close_connection = True

    def stream(self, whole: dict[str, object], message: dict[str, str]) -> None:
        """In one piece, then its end."""
        made = {**whole, "object": "chat.completion.chunk"}
        piece = {"index": 0, "delta": message, "finish_reason": None}
        last = {"index": 0, "delta": {}, "finish_reason": "stop"}
        events = [json.dumps({**made, "choices": [each]}) for each in (piece, last)]
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for event in (*events, "[DONE]"):
            self.wfile.write(f"data: {event}\n\n".encode())
        self.close_connection = True

    def has_the_key(self) -> bool:
        return not self.key or self.headers.get("Authorization") == f"Bearer {self.key}"

    def tell_who_has_the_key(self, answer: dict[str, object]) -> None:
        if self.has_the_key():
            self.tell(200, answer)
        else:
            self.tell(401, {"error": "Unauthorized"})

    def tell(self, status: int, answer: dict[str, object]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def vllm() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host")
    parser.add_argument("--served-model-name")
    parser.add_argument("--max-model-len", type=int)
    parser.add_argument("--gpu-memory-utilization", type=float)
    told = parser.parse_args(sys.argv[2:])
    assert told.model != "no/such", "no such model at Hugging Face"
    Handler.model, Handler.key = told.served_model_name or told.model, os.environ["VLLM_API_KEY"]
    return int(told.port)


def ollama() -> int:
    assert sys.argv[2:] == ["serve"], sys.argv
    return int(os.environ["OLLAMA_HOST"].rpartition(":")[2])


port = {"vllm": vllm, "ollama": ollama}[sys.argv[1]]()
ThreadingHTTPServer(("0.0.0.0", port), Handler).serve_forever()
