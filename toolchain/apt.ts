import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";

import { run, runToItsEnd, type Report } from "./run.ts";

const APT = "apt-get";

/** Whether this machine's packages are Debian's: Debian itself, Ubuntu and their like. */
export function hasApt(): boolean {
  return existsSync("/usr/bin/apt-get");
}

/**
 * Installs packages on the machine, which needs root. They stay when the lab goes.
 *
 * @param log path of a file for what apt prints.
 */
export async function installPackages(names: readonly string[], log: string, report: Report): Promise<void> {
  mkdirSync(dirname(log), { recursive: true, mode: 0o700 });
  const step = async (program: string, ...args: string[]) => {
    report(`${program} ${args.join(" ")}`);
    // An interrupted installation would leave packages half-configured.
    await runToItsEnd(program, args, log, { ...process.env, DEBIAN_FRONTEND: "noninteractive" });
  };
  const wait = ["-o", "DPkg::Lock::Timeout=120"];
  await step("dpkg", "--configure", "-a");
  // A source of packages that cannot be reached does not matter unless it has what is to be installed.
  await step(APT, "update", ...wait).catch(() => {});
  await step(APT, "install", "-y", "--no-install-recommends", ...wait, ...names);
}

/**
 * Fetches packages into a folder without installing them, which any user may do. Uses the machine's package lists;
 * where these are missing or too old, it fetches lists of its own into the folder.
 */
export async function downloadPackages(names: readonly string[], folder: string, report: Report): Promise<void> {
  const options = ["-o", "APT::Sandbox::User=root"];
  const download = (further: string[]) =>
    run(APT, [...options, ...further, "download", ...names], { cwd: folder, report });
  try {
    await download([]);
  } catch {
    const lists = join(folder, "lists");
    mkdirSync(join(lists, "partial"), { recursive: true });
    const own = ["-o", `Dir::State::lists=${lists}`, "-o", `Dir::Cache=${folder}`];
    await run(APT, [...options, ...own, "update"], { report });
    await download(own);
  }
}
