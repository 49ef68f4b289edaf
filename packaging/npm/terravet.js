#!/usr/bin/env node
// Starts the binary of the platform package with the arguments, streams and exit status of this process.
"use strict";

const { spawnSync } = require("node:child_process");

const platforms = require("../platforms.json");

/** The name of the platform package for this machine, or undefined where there is none. */
function platformPackage() {
  const found = platforms.find(({ os, cpu }) => os === process.platform && cpu === process.arch);
  return found && found.package;
}

/** The path of the binary, or undefined where the optional package was not installed. */
function binary(name) {
  const file = process.platform === "win32" ? "terravet.exe" : "terravet";
  try {
    return require.resolve(`${name}/${file}`);
  } catch {
    return undefined;
  }
}

const name = platformPackage();
const path = name && binary(name);
if (!path) {
  const what = name
    ? `the package ${name} is not installed; install without --no-optional (--omit=optional)`
    : `there is no binary for ${process.platform} on ${process.arch}; build it with cargo`;
  process.stderr.write(`terravet: ${what}\n`);
  process.exit(2);
}

const child = spawnSync(path, process.argv.slice(2), { stdio: "inherit" });
if (child.error) {
  process.stderr.write(`terravet: cannot start ${path}: ${child.error.message}\n`);
  process.exit(2);
}
// A process that a signal ended has no status: the shell's convention for SIGINT is 130.
process.exit(child.status ?? (child.signal === "SIGINT" ? 130 : 2));
