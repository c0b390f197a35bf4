// A signer that shares no code with ours: ethers from npm, and the messages written down anew from what
// IMunicipalPoint says of them. It stands inside the project so that Node finds node_modules from here.
//
//   stdin   {"key": "0x…", "chainId": 31337, "series": "0x…", "kind": "Payment", "values": {…}}
//   stdout  {"domain": "0x…", "digest": "0x…", "r": "0x…", "vs": "0x…"}
import { readFileSync } from "node:fs";
import { TypedDataEncoder, Wallet, Signature } from "ethers";

const TYPES = {
  Payment: [
    { type: "address", name: "payer" },
    { type: "address", name: "merchant" },
    { type: "uint256", name: "sale" },
    { type: "uint256", name: "amountPoints" },
    { type: "uint256", name: "validUntil" },
    { type: "uint256", name: "cancelEpoch" },
  ],
  Sale: [
    { type: "address", name: "merchant" },
    { type: "uint256", name: "sale" },
    { type: "uint256", name: "amountPoints" },
    { type: "uint256", name: "validUntil" },
  ],
  Sales: [
    { type: "address", name: "merchant" },
    { type: "uint256[]", name: "salesAndAmounts" },
  ],
};

const { key, chainId, series, kind, values } = JSON.parse(readFileSync(0, "utf8"));
const domain = { name: "jichitai-points", version: "1", chainId, verifyingContract: series };
const types = { [kind]: TYPES[kind] };

const signature = Signature.from(await new Wallet(key).signTypedData(domain, types, values));
const { r, yParityAndS: vs } = signature;
process.stdout.write(
  JSON.stringify({
    domain: TypedDataEncoder.hashDomain(domain),
    digest: TypedDataEncoder.hash(domain, types, values),
    r,
    vs,
  }),
);
