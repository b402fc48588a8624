import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { type Driver, type Transport, wireDriver } from "@quorate/core";
import { ConnectRequest, ConnectResponse, FrameDecoder, OpCode, Reader, Writer } from "@quorate/protocol";
import type { FaultProxy } from "@quorate/testing";
import { netTransport } from "../../../packages/core/src/transport/net-transport.ts";

/** Takes note of a client's session passwords, and can end its sessions at the servers behind its back: what expiry looks like to it. */
export class SessionThief {
  /** The driver for the client: the usual one. */
  readonly driver: Driver;
  readonly #passwords = new Map<bigint, Uint8Array>();

  constructor() {
    const transport: Transport = {
      ...netTransport,
      connect: (target, events) => {
        const decoder = new FrameDecoder();
        let isFirst = true;
        return netTransport.connect(target, {
          ...events,
          data: (chunk) => {
            if (isFirst) decoder.push(chunk, (frame) => isFirst && this.#note(frame));
            isFirst = false;
            events.data(chunk);
          },
        });
      },
    };
    this.driver = wireDriver({ transport });
  }

  /** Resolves when the servers say that the session is gone. */
  async endSession(sessionId: bigint, server: FaultProxy): Promise<void> {
    const passwd = this.#passwords.get(sessionId);
    if (passwd === undefined) throw new Error(`session ${sessionId} was not opened through this driver`);
    // The client may take its session back before the server has read that it is to be closed.
    while (await resumeAndClose(server, sessionId, passwd));
  }

  #note(frame: Buffer): void {
    const { sessionId, passwd, timeOut } = ConnectResponse.read(new Reader(frame));
    if (timeOut > 0 && passwd !== null) this.#passwords.set(sessionId, Buffer.from(passwd));
  }
}

/** @returns false if there is no such session any more */
async function resumeAndClose({ host, port }: FaultProxy, sessionId: bigint, passwd: Uint8Array): Promise<boolean> {
  const socket = connectTcp({ host, port });
  socket.on("error", () => {});
  const closed = new Promise<undefined>((resolve) => {
    socket.once("close", () => resolve(undefined));
  });
  const writer = new Writer();
  const request = { protocolVersion: 0, lastZxidSeen: 0n, timeOut: 10_000, sessionId, passwd, readOnly: false };
  writer.frame(() => ConnectRequest.write(writer, request));
  socket.write(writer.take());
  const answer = await Promise.race([(once(socket, "data") as Promise<[Buffer]>).catch(() => undefined), closed]);
  // Hung up before it was answered: the client has its session back.
  if (answer === undefined) return true;
  const { timeOut } = ConnectResponse.read(new Reader(answer[0].subarray(4)));
  writer.frame(() => {
    writer.int(1);
    writer.int(OpCode.closeSession);
  });
  socket.end(writer.take());
  socket.resume();
  await closed;
  return timeOut > 0;
}
