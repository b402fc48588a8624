import { createServer, type Server, type Socket } from "node:net";
import { ConnectRequest, ConnectResponse, FrameDecoder, Reader, ReplyHeader, Writer } from "@quorate/protocol";

/** A request as the fake server read it. */
export interface Received {
  readonly xid: number;
  readonly type: number;
}

export interface FakeServer extends AsyncDisposable {
  readonly port: number;
  readonly received: readonly Received[];
  readonly sockets: ReadonlySet<Socket>;
}

/** Answers a connect request and every request after it with an empty reply; `chunkBytes` cuts what it sends into pieces of that size. */
export async function fakeServer(options: { readonly chunkBytes?: number } = {}): Promise<FakeServer> {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  const server = await listen((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("end", () => socket.end());
    const decoder = new FrameDecoder();
    let isConnected = false;
    socket.on("data", (chunk) => {
      const writer = new Writer();
      decoder.push(chunk, (frame) => {
        const reader = new Reader(frame);
        if (!isConnected) {
          isConnected = true;
          ConnectRequest.read(reader);
          const response = { protocolVersion: 0, timeOut: 6000, sessionId: 7n, passwd: null, readOnly: false };
          writer.frame(() => ConnectResponse.write(writer, response));
          return;
        }
        const request = { xid: reader.int(), type: reader.int() };
        received.push(request);
        writer.frame(() => ReplyHeader.write(writer, { xid: request.xid, zxid: 1n, err: 0 }));
      });
      const bytes = writer.take();
      const step = options.chunkBytes ?? Math.max(1, bytes.length);
      for (let at = 0; at < bytes.length; at += step) socket.write(bytes.subarray(at, at + step));
    });
  });
  return {
    ...server,
    received,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** A plain TCP server on a free port. */
export async function listen(
  onConnection: (socket: Socket) => void,
): Promise<AsyncDisposable & { readonly port: number; readonly server: Server }> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on("error", () => {});
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    port,
    server,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
