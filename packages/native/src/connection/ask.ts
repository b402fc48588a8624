import { type Operation, ProtocolError } from "@quorate/protocol";
import type { Handle } from "../binding/binding.ts";

/**
 * Hands a checked operation to the C client. `done` is called with the server's or the client's code.
 *
 * @returns 0, or the code of a refusal; `done` is not called then
 */
export function ask(handle: Handle, operation: Operation, done: (code: number) => void): number {
  switch (operation.op) {
    case "create":
    case "create2":
    case "createContainer":
      return handle.a_create(operation.path, bytesOf(operation.data), operation.flags, done);
    case "createTtl": {
      const { path, data, flags, ttl } = operation;
      return handle.a_create_ttl(path, bytesOf(data), flags, ttl > maxInt ? 1 : Number(ttl), done);
    }
    case "delete":
      return handle.a_delete_(operation.path, operation.version, done);
    case "exists":
      return handle.a_exists(operation.path, operation.watch, done);
    case "getData":
      return handle.a_get(operation.path, operation.watch, done);
    case "setData":
      return handle.a_set(operation.path, bytesOf(operation.data), operation.version, done);
    case "getChildren":
      return handle.a_get_children(operation.path, operation.watch, done);
    case "getChildren2":
      return handle.a_get_children2(operation.path, operation.watch, done);
    case "setAcl": {
      const acl = operation.acl.map(({ perms, id }) => ({ perm: perms, scheme: id.scheme, auth: id.id }));
      return handle.a_set_acl(operation.path, operation.version, acl, done);
    }
    case "sync":
      return handle.a_sync(operation.path, done);
    case "reconfig": {
      const { joiningServers, leavingServers, newMembers, curConfigId } = operation;
      return handle.a_reconfig(joiningServers, leavingServers, newMembers, Number(curConfigId), done);
    }
    default:
      // The capabilities say so, and were looked at before.
      throw new ProtocolError(`the C client's binding has no ${operation.op}`);
  }
}

/** The binding takes times to live as an int32. The relay puts the whole number in place. */
const maxInt = 2n ** 31n - 1n;

/** The relay puts null in place of no bytes: the binding would write the text "null". */
function bytesOf(data: Uint8Array | null): Uint8Array {
  return data ?? new Uint8Array(0);
}
