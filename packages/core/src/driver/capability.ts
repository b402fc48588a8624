/** What not every driver can do. */
export type Capability =
  | "transactions"
  | "create-acl"
  | "create2"
  | "containers"
  | "ttl"
  | "get-acl"
  | "null-data"
  | "persistent-watches"
  | "remove-watches"
  | "ephemerals"
  | "count-descendants"
  | "who-am-i"
  | "reconfig"
  | "read-only"
  | "tls"
  | "sasl";
