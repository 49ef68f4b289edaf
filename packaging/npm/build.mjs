// node packaging/npm/build.mjs VERSION BINARIES OUT
//
// In: the version, a folder with one folder for each target (`x86_64-unknown-linux-musl/terravet`), and where to write.
// Out: one folder for each package, ready for `npm publish`: `terravet`, and `linux-x64` … for each target that has a binary.
// A target without a binary is left out with a word: a local build makes the package of this machine alone.

import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const [version, binaries, out] = process.argv.slice(2);
if (!out) {
  console.error("usage: node packaging/npm/build.mjs VERSION BINARIES OUT");
  process.exit(2);
}
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const platforms = JSON.parse(readFileSync(join(here, "platforms.json"), "utf8"));

const common = {
  version,
  license: "Apache-2.0",
  repository: { type: "git", url: "git+https://github.com/terravet/terravet.git" },
};

function write(folder, manifest) {
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  copyFileSync(join(root, "LICENSE"), join(folder, "LICENSE"));
}

const built = [];
for (const { package: name, os, cpu, target } of platforms) {
  const file = os === "win32" ? "terravet.exe" : "terravet";
  const binary = join(binaries, target, file);
  if (!existsSync(binary)) {
    console.error(`no binary for ${target}: ${name} is left out`);
    continue;
  }
  const folder = join(out, name.split("/")[1]);
  mkdirSync(folder, { recursive: true });
  copyFileSync(binary, join(folder, file));
  chmodSync(join(folder, file), 0o755);
  writeFileSync(join(folder, "README.md"), `# ${name}\n\nThe binary of [terravet](https://www.npmjs.com/package/terravet) for ${target}.\n`);
  write(folder, { name, description: `terravet for ${target}`, ...common, os: [os], cpu: [cpu], files: [file], preferUnplugged: true });
  built.push(name);
}

const main = join(out, "terravet");
mkdirSync(join(main, "bin"), { recursive: true });
copyFileSync(join(here, "terravet.js"), join(main, "bin", "terravet.js"));
copyFileSync(join(here, "platforms.json"), join(main, "platforms.json"));
copyFileSync(join(here, "README.md"), join(main, "README.md"));
write(main, {
  name: "terravet",
  description: "Finds what is dangerous in Terraform and CloudFormation before it is applied",
  ...common,
  keywords: ["terraform", "cloudformation", "aws", "security", "sarif"],
  bin: { terravet: "bin/terravet.js" },
  files: ["bin", "platforms.json"],
  engines: { node: ">=16" },
  optionalDependencies: Object.fromEntries(built.map((name) => [name, version])),
});
console.log([...built, "terravet"].join("\n"));
