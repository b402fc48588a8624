import { MissingPackageError } from "../errors.ts";

/** @throws MissingPackageError */
export async function optionalPackage<Module>(
  codec: string,
  packageName: string,
  load: () => Promise<Module>,
): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    throw new MissingPackageError(codec, packageName, error);
  }
}
