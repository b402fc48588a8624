import { connect } from "node:net";
import {
  ConnectRequest,
  ConnectResponse,
  CreateMode,
  ErrorCode,
  FrameDecoder,
  Permission,
  Reader,
  ReplyHeader,
  Writer,
  writeRequest,
} from "@quorate/protocol";
import { EnsembleError } from "../errors.ts";
import type { ProxyTarget } from "../proxy/proxied-connection.ts";

const createXid = 1;
const closeXid = 2;

/** A server that wants credentials has committed the session all the same, which is a write. */
const refusals: readonly number[] = [
  ErrorCode.NO_AUTH,
  ErrorCode.AUTH_FAILED,
  ErrorCode.SESSION_CLOSED_REQUIRE_SASL_AUTH,
];

/**
 * Has one write committed through this server: opens a session, creates an ephemeral znode and closes the session, which removes it. Made
 * of the protocol alone, so that a fault of the client under test cannot hide in what it is tested with.
 *
 * @throws EnsembleError when that did not succeed within `timeoutMs`
 */
export function probeWrite(target: ProxyTarget, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(target);
    const decoder = new FrameDecoder();
    let sawConnectResponse = false;
    let isCreated = false;
    const finish = (problem: string | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      if (problem === undefined) resolve();
      else reject(new EnsembleError(`write probe: ${problem}`));
    };
    const timer = setTimeout(() => finish(`no answer within ${timeoutMs} ms`), timeoutMs);
    const onFrame = (frame: Buffer): void => {
      const reader = new Reader(frame);
      if (!sawConnectResponse) {
        sawConnectResponse = true;
        if (ConnectResponse.read(reader).timeOut <= 0) finish("no session");
        return;
      }
      const { xid, err } = ReplyHeader.read(reader);
      if (xid === closeXid) finish(undefined);
      else if (err === 0) isCreated = true;
      else finish(refusals.includes(err) ? undefined : `error ${err}`);
    };
    socket.on("connect", () => socket.write(probeRequests()));
    socket.on("data", (chunk) => {
      try {
        decoder.push(chunk, onFrame);
      } catch (error) {
        finish(error instanceof Error ? error.message : String(error));
      }
    });
    socket.on("error", (error) => finish(error.message));
    socket.on("close", () => finish(isCreated ? undefined : "connection closed"));
  });
}

/** All requests in one write: the server answers them in order. */
function probeRequests(): Uint8Array {
  const writer = new Writer();
  const acl = [{ perms: Permission.all, id: { scheme: "world", id: "anyone" } }];
  writer.frame(() =>
    ConnectRequest.write(writer, {
      protocolVersion: 0,
      lastZxidSeen: 0n,
      timeOut: 10_000,
      sessionId: 0n,
      passwd: new Uint8Array(16),
      readOnly: false,
    }),
  );
  const flags = CreateMode.ephemeralSequential;
  writeRequest(writer, createXid, { op: "create", path: "/quorate-probe-", data: null, acl, flags });
  writeRequest(writer, closeXid, { op: "closeSession" });
  return writer.take();
}
