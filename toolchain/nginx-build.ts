import { createHash } from "node:crypto";
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

import { downloadPackages } from "./apt.ts";
import { run, type Report } from "./run.ts";

/** What goes from the packages into the image: nginx, its types of files, a shell, and the libraries they load. */
const KEPT = [
  /^usr\/sbin\/nginx$/,
  /^etc\/nginx\/mime\.types$/,
  /^(usr\/)?bin\/busybox$/,
  /^(usr\/)?lib(64)?\/([\w-]+-linux-\w+\/)?[\w.+-]+\.so(\.[\d.]+)?$/,
];

/** A shell, a client for health checks, and what one looks around in a container with. */
const BUSYBOX = ["sh", "wget", "cat", "env", "grep", "id", "ls", "ps", "tail"];

/** The user is the official image's, so that both can be run alike. */
const FILES = {
  "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnginx:x:101:101:nginx:/nonexistent:/bin/false\n",
  "etc/group": "root:x:0:\nnginx:x:101:\n",
};

/**
 * Makes an image of Debian's nginx, the libraries it needs and a static busybox: the same packages give the same image.
 *
 * @param folder an empty one, for everything that is made on the way.
 * @returns the path of a tar file that `docker load` takes.
 */
export async function buildNginxImage(folder: string, report: Report): Promise<string> {
  const inside = (name: string) => join(folder, name);
  for (const name of ["packages", "unpacked", "root", "image"]) mkdirSync(inside(name));
  const debs = await download(["nginx", "nginx-common", "busybox-static"], inside("packages"), report);
  report("putting the image together");
  for (const deb of debs) await run("dpkg-deb", ["--extract", deb, inside("unpacked")]);
  fillRoot(inside("root"), inside("unpacked"));

  await tar(inside("root"), inside("image/layer.tar"));
  const nginx = debs.find((deb) => deb.includes("/nginx_")) ?? "";
  const version = (await run("dpkg-deb", ["--field", nginx, "Version"])).trim();
  const architecture = (await run("dpkg", ["--print-architecture"])).trim();
  const config = imageConfig(version, architecture, readFileSync(inside("image/layer.tar")));
  writeFileSync(inside("image/config.json"), JSON.stringify(config));
  writeFileSync(inside("image/manifest.json"), JSON.stringify([{ Config: "config.json", Layers: ["layer.tar"] }]));
  await tar(inside("image"), inside("image.tar"));
  return inside("image.tar");
}

/** Fetches packages and, level by level, the libraries that they depend on. Returns the paths of the files. */
async function download(names: string[], folder: string, report: Report): Promise<string[]> {
  const known = new Set<string>();
  for (let wanted = names; wanted.length > 0;) {
    for (const name of wanted) known.add(name);
    await downloadPackages(wanted, folder, report);
    const libraries: string[] = [];
    for (const deb of debsIn(folder)) {
      const depends = await run("dpkg-deb", ["--field", deb, "Depends"]);
      libraries.push(...(depends.match(/(?<=^|, )(lib|zlib)[\w.+-]*/g) ?? []));
    }
    wanted = [...new Set(libraries)].filter((name) => !known.has(name));
  }
  return debsIn(folder);
}

function fillRoot(root: string, unpacked: string): void {
  for (const file of filesIn(unpacked).filter((file) => KEPT.some((pattern) => pattern.test(file)))) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    cpSync(join(unpacked, file), join(root, file), { verbatimSymlinks: true });
  }
  // In a newer Debian everything is under /usr, and these are links that another package brings.
  const top = new Set(readdirSync(root));
  for (const name of ["bin", "lib", "lib64"]) if (!top.has(name)) symlinkSync(`usr/${name}`, join(root, name));
  for (const applet of BUSYBOX) symlinkSync("busybox", join(root, "bin", applet));

  for (const folder of ["dev", "proc", "sys", "run", "tmp", "var/lib/nginx", "var/log/nginx"]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  chmodSync(join(root, "tmp"), 0o1777);
  for (const [path, text] of Object.entries(FILES)) writeFileSync(join(root, path), text);
  // nginx opens its built-in log before it reads where to log, and the filesystem is read-only.
  symlinkSync("/dev/stderr", join(root, "var/log/nginx/error.log"));
  symlinkSync("/dev/stdout", join(root, "var/log/nginx/access.log"));
}

/** As the image specification has it: https://github.com/opencontainers/image-spec/blob/main/config.md */
function imageConfig(version: string, architecture: string, layer: Buffer) {
  return {
    architecture,
    os: "linux",
    created: "1970-01-01T00:00:00Z",
    config: {
      Env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
      Cmd: ["nginx", "-g", "daemon off;"],
      StopSignal: "SIGQUIT",
      Labels: {
        "org.opencontainers.image.title": "nginx",
        "org.opencontainers.image.version": version,
        "org.opencontainers.image.description": "built on this machine from Debian's nginx package",
      },
    },
    rootfs: { type: "layers", diff_ids: [`sha256:${createHash("sha256").update(layer).digest("hex")}`] },
  };
}

/** Alike for every user, umask and time. */
async function tar(folder: string, file: string): Promise<void> {
  const alike = ["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mtime=@0", "--mode=a+rX"];
  await run("tar", ["-C", folder, ...alike, "-cf", file, "."]);
}

function debsIn(folder: string): string[] {
  return filesIn(folder)
    .filter((file) => file.endsWith(".deb"))
    .map((file) => join(folder, file));
}

/** Every file and link under a folder, by its path from there. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}
