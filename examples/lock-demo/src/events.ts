/** What a contender tells the demo. */
export type ContenderEvent =
  | { readonly type: "waiting" }
  | { readonly type: "holding"; readonly token: string }
  | { readonly type: "released"; readonly token: string };
