// The two texts by which a resident signs a registration (docs/privacy.md), as scripts/lib/registration_uri.py has
// them. They hold a commitment to a MyKey ID and never the ID: no page sees one.
import { type Address, bytesToHex, type Hex, hexToBytes } from "viem";
import type { LocalAccount } from "viem/accounts";
import { Refusal } from "@/lib/refusal";
import { base64Text, bytesOf, codeText, fieldsOf, readAddress, readNumber } from "@/payment/codes";
import { compact } from "@/payment/signing";

const FIELDS = ["chain", "registry", "town", "commitment"] as const;
const COMMITMENT_BYTES = 32;

/** What the desk shows. */
export interface RegistrationRequest {
  readonly chainId: number;
  /** ResidentRegistry. */
  readonly registry: Address;
  /** 全国地方公共団体コード as a number. */
  readonly municipality: number;
  readonly commitment: Hex;
}

export function readRegistration(given: string): RegistrationRequest {
  const fields = fieldsOf(given, "register", FIELDS);
  const [town = "", commitment = ""] = [fields.town, fields.commitment];
  if (!/^\d{6}$/.test(town)) throw new Refusal("団体コードが正しくありません", "town is no municipality");
  const bytes = bytesOf(commitment, COMMITMENT_BYTES);
  if (!bytes) throw new Refusal("コードの一部が壊れています", "the commitment is damaged");
  return {
    chainId: readNumber("chain", fields.chain, 1, Number.MAX_SAFE_INTEGER),
    registry: readAddress("registry", fields.registry),
    municipality: Number(town),
    commitment: bytesToHex(bytes),
  };
}

/** The text by which the key's account asks to be registered. Needs no line. */
export async function answerRegistration(request: RegistrationRequest, key: LocalAccount): Promise<string> {
  const signature = await key.signTypedData({
    domain: {
      name: "jichitai-points residents",
      version: "1",
      chainId: request.chainId,
      verifyingContract: request.registry,
    },
    types: {
      Registration: [
        { name: "municipality", type: "uint256" },
        { name: "account", type: "address" },
        { name: "commitment", type: "bytes32" },
      ],
    },
    primaryType: "Registration",
    message: {
      municipality: BigInt(request.municipality),
      account: key.address,
      commitment: request.commitment,
    },
  });
  const { r, vs } = compact(signature);
  return codeText("registered", {
    chain: String(request.chainId),
    registry: request.registry,
    town: String(request.municipality).padStart(6, "0"),
    commitment: base64Text(hexToBytes(request.commitment)),
    account: key.address,
    sig: base64Text(Uint8Array.from([...hexToBytes(r), ...hexToBytes(vs)])),
  });
}
