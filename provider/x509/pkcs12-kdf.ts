/** Octets from a password, the way of PKCS#12 (RFC 7292, appendix B.2). No library has it but as part of a MAC. */
import { hash } from "node:crypto";

/** What the octets are for: the ID of appendix B.3. */
const IDS = { key: 1, iv: 2, mac: 3 };

/** Octets that SHA-1 and SHA-256 take at a time: v of appendix B.2. */
const BLOCK_OCTETS = 64;

/** What octets are derived from. */
export interface Origin {
  hashAlgorithm: "sha1" | "sha256";
  password: string;
  /** At least one octet. */
  salt: Buffer;
  /** How often each piece is hashed, at least once. */
  iterations: number;
}

/** Derives so many octets for a purpose. */
export function deriveOctets(purpose: keyof typeof IDS, octets: number, origin: Origin): Buffer {
  const { hashAlgorithm, salt, iterations } = origin;
  const diversifier = Buffer.alloc(BLOCK_OCTETS, IDS[purpose]);
  let input: Buffer = Buffer.concat([repeated(salt), repeated(bmpString(origin.password))]);
  const pieces: Buffer[] = [];
  for (let derived = 0; derived < octets;) {
    let piece: Buffer = Buffer.concat([diversifier, input]);
    for (let round = 0; round < iterations; round++) piece = hash(hashAlgorithm, piece, "buffer");
    pieces.push(piece);
    derived += piece.length;
    input = addToBlocks(input, toInteger(repeated(piece)) + 1n);
  }
  return Buffer.concat(pieces).subarray(0, octets);
}

/** UTF-16, big-endian, with a zero at its end (appendix B.1). */
function bmpString(text: string): Buffer {
  return Buffer.from(`${text}\0`, "utf16le").swap16();
}

/** Repeated to whole blocks; the last repetition may be cut. */
function repeated(octets: Buffer): Buffer {
  return Buffer.alloc(Math.ceil(octets.length / BLOCK_OCTETS) * BLOCK_OCTETS, octets);
}

/** Adds a number to each block; what does not fit falls off. */
function addToBlocks(blocks: Buffer, addend: bigint): Buffer {
  const sums: string[] = [];
  for (let start = 0; start < blocks.length; start += BLOCK_OCTETS) {
    const block = toInteger(blocks.subarray(start, start + BLOCK_OCTETS));
    const sum = BigInt.asUintN(BLOCK_OCTETS * 8, block + addend);
    sums.push(sum.toString(16).padStart(BLOCK_OCTETS * 2, "0"));
  }
  return Buffer.from(sums.join(""), "hex");
}

function toInteger(octets: Buffer): bigint {
  return BigInt(`0x${octets.toString("hex")}`);
}
