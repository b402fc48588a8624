import type { Logger } from "@quorate/core";
import { deleteOwn, type Place, type Turn, untilFirst } from "@quorate/core/recipe";

/** Waits until nobody blocks this place; leaves the line if that fails. Throws as `untilFirst()`. */
export async function takeTurn(place: Place, signal: AbortSignal | undefined, logger: Logger): Promise<Turn> {
  try {
    return await untilFirst(place, signal);
  } catch (error) {
    await deleteOwn(place.session, place.path).catch((cleanUpError: unknown) => {
      logger.error(`could not leave the line at ${place.line.directory}`, { error: cleanUpError });
    });
    throw error;
  }
}
