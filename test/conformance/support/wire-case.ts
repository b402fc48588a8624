import { randomUUID } from "node:crypto";
import { openAcl } from "@quorate/core";
import { CreateMode } from "@quorate/protocol";
import type { Feature } from "../targets.ts";
import { RawConnection } from "./raw-connection.ts";
import { testTranscripts } from "./test-transcripts.ts";

/** What is said and heard on bare connections. */
export interface WireCase {
  readonly name: string;
  readonly run: (wire: Wire) => Promise<void>;
}

/** Where a case works, and what it has to tell. */
export class Wire {
  readonly servers: readonly string[];
  readonly #connections: RawConnection[] = [];
  readonly #lines: string[] = [];
  readonly base: string = `/conformance-${randomUUID()}`;

  constructor(servers: readonly string[]) {
    this.servers = servers;
  }

  readonly tell = (line: string): void => {
    this.#lines.push(line.replaceAll(`${this.base}/`, "/").replaceAll(this.base, "/"));
  };

  /** A connection that has said nothing yet. */
  connection(server: string = this.servers[0] as string): RawConnection {
    const connection = new RawConnection(server);
    this.#connections.push(connection);
    return connection;
  }

  /** A connection with a new session. */
  async session(): Promise<RawConnection> {
    const connection = this.connection();
    await connection.hello();
    return connection;
  }

  /** The same, and the case's root. */
  async sessionWithRoot(): Promise<RawConnection> {
    const connection = await this.session();
    await create(connection, this.base);
    return connection;
  }

  finish(): string {
    for (const connection of this.#connections) connection.close();
    return `${this.#lines
      .join("\n")
      .replaceAll(/[ \t]+$/gm, "")
      .trimEnd()}\n`;
  }
}

/** A znode that is open to anyone. */
export async function create(connection: RawConnection, path: string, flags: number = CreateMode.persistent) {
  return connection.call({ op: "create2", path, data: null, acl: openAcl, flags });
}

export function testWire(topic: string, cases: readonly WireCase[], feature?: Feature): void {
  testTranscripts(topic, cases, feature, async ({ run }, { servers }) => {
    const wire = new Wire(servers);
    try {
      await run(wire);
    } finally {
      wire.finish();
    }
    return wire.finish();
  });
}
