import { createServer, type Server, type Socket } from "node:net";
import { ConnectRequest, ConnectResponse, FrameDecoder, Reader, Writer } from "@quorate/protocol";

/** Sends a frame: any xid, any code, any body. */
export type Say = (xid: number, errorCode?: number, body?: Uint8Array) => void;

export interface Asked {
  readonly xid: number;
  /** On the wire. */
  readonly type: number;
  readonly say: Say;
  readonly socket: Socket;
}

export interface Manners {
  /** Once the session of a connection is open. */
  readonly opened?: (say: Say) => void;
  readonly answer: (asked: Asked) => void;
}

/** A server that opens a session for whoever asks, and then answers as the test wants. */
export class OddServer implements AsyncDisposable {
  /** Of every connection's handshake. */
  readonly handshakes: ConnectRequest[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #zxid = 1n;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(manners: Manners): Promise<OddServer> {
    const server = createServer();
    const odd = new OddServer(server);
    server.on("connection", (socket) => odd.#serve(socket, manners));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return odd;
  }

  get connectString(): string {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? `127.0.0.1:${address.port}` : "";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket, { opened, answer }: Manners): void {
    this.#sockets.add(socket);
    socket.on("error", () => {}).on("close", () => this.#sockets.delete(socket));
    const decoder = new FrameDecoder();
    const write = (fill: (writer: Writer) => void): void => {
      const writer = new Writer();
      writer.frame(() => fill(writer));
      socket.write(writer.take());
    };
    const say: Say = (xid, errorCode = 0, body = new Uint8Array(0)) => {
      const head = Buffer.alloc(20);
      head.writeInt32BE(16 + body.length, 0);
      head.writeInt32BE(xid, 4);
      head.writeBigInt64BE(this.#zxid++, 8);
      head.writeInt32BE(errorCode, 16);
      socket.write(Buffer.concat([head, body]));
    };
    let isOpen = false;
    const onFrame = (frame: Buffer): void => {
      const reader = new Reader(frame);
      if (!isOpen) {
        isOpen = true;
        const request = ConnectRequest.read(reader);
        this.handshakes.push(request);
        const sessionId = request.sessionId === 0n ? 0x1234n : request.sessionId;
        const response = { protocolVersion: 0, timeOut: 6000, sessionId, passwd: Buffer.alloc(16, 7), readOnly: false };
        write((writer) => ConnectResponse.write(writer, response));
        return opened?.(say);
      }
      answer({ xid: reader.int(), type: reader.int(), say, socket });
    };
    socket.on("data", (chunk) => decoder.push(chunk, onFrame));
  }
}
