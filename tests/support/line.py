"""A line to a node that can be cut, by a program in between that forwards bytes."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

from scripts.lib.node.local_chain import HOST


class Line:
    """Forwards connections to a node's port until it is cut; what is on the way then is lost.

    Attributes:
        url: where the node answers through this line.
        listener: told what is said to the node before the node hears it; OSError keeps it from the node.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._is_whole = True
        self.listener: Callable[[bytes], None] | None = None
        self._ends: set[socket.socket] = set()
        self._listening = socket.create_server((HOST, 0))
        self.url = f"http://{HOST}:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """End all connections, and let none through."""
        self._is_whole = False
        for end in list(self._ends):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Let connections through again."""
        self._is_whole = True

    def close(self) -> None:
        """End it."""
        self.cut()
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                try:
                    if not self._is_whole:
                        raise OSError
                    far = socket.create_connection((HOST, self._port))
                except OSError:
                    near.close()
                    continue
                self._ends |= {near, far}
                for ends in ((near, far, True), (far, near, False)):
                    threading.Thread(target=self._forward, args=ends, daemon=True).start()

    def _forward(self, source: socket.socket, target: socket.socket, is_to_node: bool) -> None:
        with contextlib.suppress(OSError):
            while content := source.recv(65_536):
                if is_to_node and self.listener is not None:
                    self.listener(content)
                target.sendall(content)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
            self._ends.discard(end)
