"""A chat's incoming webhook: prints what it is sent."""

from http.server import BaseHTTPRequestHandler, HTTPServer


class Chat(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        print(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(200)
        self.end_headers()


HTTPServer(("", 9000), Chat).serve_forever()
