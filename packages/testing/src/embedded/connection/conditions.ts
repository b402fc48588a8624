/** What the levers have set; every connection looks here. */
export interface Conditions {
  /** Nothing is read, answered or expired. */
  isFrozen: boolean;
  /** How much later than they are made answers and events leave, milliseconds. */
  delayMs: number;
  isReadOnly: boolean;
}
