"""Terminado, the terminals of Jupyter, as its demonstration with named terminals shows."""

import tornado.httpserver
import tornado.ioloop
import tornado.netutil
import tornado.web
from terminado import NamedTermManager, TermSocket


def main():
    """Serves terminals at `/_websocket/NAME`; the first viewer starts one."""
    terminals = NamedTermManager(shell_command=["/bin/sh"], max_terminals=100)
    application = tornado.web.Application(
        [(r"/_websocket/(\w+)", TermSocket, {"term_manager": terminals})]
    )
    sockets = tornado.netutil.bind_sockets(0, "127.0.0.1")
    tornado.httpserver.HTTPServer(application).add_sockets(sockets)
    port = sockets[0].getsockname()[1]
    print(f"ready {port} {port}", flush=True)
    tornado.ioloop.IOLoop.current().start()


main()
