// @ts-check
/** Prints the next release as the changesets have it. Fails when they are not valid or the packages would part ways. */
import getReleasePlan from "@changesets/get-release-plan";

const plan = await getReleasePlan(process.cwd());
const releases = plan.releases.filter(({ type }) => type !== "none");
for (const { name, type, oldVersion, newVersion } of releases) {
  console.log(`${name} ${oldVersion} -> ${newVersion} (${type})`);
}
if (new Set(releases.map(({ newVersion }) => newVersion)).size > 1) {
  console.error("All packages have one version: see `fixed` in .changeset/config.json");
  process.exitCode = 1;
}
